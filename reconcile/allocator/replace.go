//go:build linux && (amd64 || arm64) && !duckdb_use_lib && !duckdb_use_static_lib

package allocator

import "C" // so that the C++ beside it is built and linked
