//go:build linux && (amd64 || arm64) && !duckdb_use_lib && !duckdb_use_static_lib

// A program may replace these two ([replacement.functions] in the C++ standard); the library's
// forms for arrays, sizes and nothrow call them. Those for aligned storage stay the library's.

#include <cstddef>
#include <new>

extern "C" void *duckdb_je_malloc(std::size_t);
extern "C" void duckdb_je_free(void *);

void *operator new(std::size_t size) {
  void *const memory = duckdb_je_malloc(size == 0 ? 1 : size);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}

void operator delete(void *memory) noexcept { duckdb_je_free(memory); }

void operator delete(void *memory, std::size_t) noexcept { duckdb_je_free(memory); }
