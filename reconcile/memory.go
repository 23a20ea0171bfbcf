package reconcile

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
)

// A run's memory limit is for the whole process: the loaders, which are Go's, and the database.
// They share it while files are loaded; afterwards it is nearly all the database's. What is left is
// for the program itself and for what the allocators keep.
const (
	memorySharePct  = 80 // of what the container or the machine has, when no limit is given
	loaderSharePct  = 25
	loadingSharePct = 45 // the database's while files are loaded
	stagesSharePct  = 75 // the database's afterwards
)

// ampleMemory is from where on the database's allocator may keep what it has freed: it keeps a
// third as much again as the database counts, or more. Below, it keeps a small part of the limit,
// and with scarceMemory nothing: what it has given back it asks for anew, which took a tenth of the
// time of all stages.
const (
	ampleMemory  = int64(16 << 30)
	scarceMemory = int64(512 << 20)
)

// threadMemory is what each of the database's threads needs to work in.
const threadMemory = int64(192 << 20)

// MemoryLimitMin is the least that a run is given a try with.
const MemoryLimitMin = int64(128 << 20)

// ParseMemory reads a size such as 2GB or 512MiB.
func ParseMemory(text string) (bytes int64, err error) {
	parts := regexp.MustCompile(`^(\d{1,9})(?:\.(\d))?\s?([KMGT])(i?)B$`).FindStringSubmatch(text)
	if parts == nil {
		return 0, errors.New("not a size")
	}
	tenths, err := strconv.ParseInt(parts[1]+parts[2]+strings.Repeat("0", 1-len(parts[2])), 10, 64)
	if err != nil {
		return 0, err
	}
	base := int64(1000)
	if parts[4] == "i" {
		base = 1024
	}
	unit := int64(1)
	for range strings.Index("KMGT", parts[3]) + 1 {
		unit *= base
	}
	if tenths > math.MaxInt64/unit {
		return 0, errors.New("too large")
	}
	return tenths * unit / 10, nil
}

// memoryLimit is what the process may use: what the settings say, or a share of what there is.
func (s Settings) memoryLimit() int64 {
	if s.MemoryBytes > 0 {
		return s.MemoryBytes
	}
	return memoryThere("/") / 100 * memorySharePct
}

// memoryThere is the memory of the container that the process is in, or of the machine; root is
// where the file system begins. 0 is not known.
func memoryThere(root string) int64 {
	least := int64(0)
	take := func(bytes int64) {
		// Version 1 of cgroups says a huge number for no limit.
		if bytes > 0 && bytes < 1<<50 && (least == 0 || bytes < least) {
			least = bytes
		}
	}
	for _, file := range cgroupFiles(root) {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if bytes, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil {
			take(bytes)
		}
	}
	text, err := os.ReadFile(path.Join(root, "proc/meminfo"))
	if err != nil {
		return least
	}
	for _, line := range strings.Split(string(text), "\n") {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "MemTotal:" {
			continue
		}
		if kib, err := strconv.ParseInt(fields[1], 10, 64); err == nil {
			take(kib << 10)
		}
	}
	return least
}

// cgroupFiles lists the files that may hold a limit of memory: of the process's own group, of
// version 2 and of version 1, and of all groups around it.
func cgroupFiles(root string) []string {
	two := path.Join(root, "sys/fs/cgroup")
	one := path.Join(root, "sys/fs/cgroup/memory")
	files := []string{path.Join(two, "memory.max"), path.Join(one, "memory.limit_in_bytes")}
	text, err := os.ReadFile(path.Join(root, "proc/self/cgroup"))
	if err != nil {
		return files
	}
	for _, line := range strings.Split(string(text), "\n") {
		parts := strings.SplitN(line, ":", 3)
		if len(parts) < 3 {
			continue
		}
		at, name := one, "memory.limit_in_bytes"
		if parts[0] == "0" && parts[1] == "" {
			at, name = two, "memory.max"
		} else if !strings.Contains(","+parts[1]+",", ",memory,") {
			continue
		}
		for group := path.Clean("/" + parts[2]); group != "/"; group = path.Dir(group) {
			files = append(files, path.Join(at, group, name))
		}
	}
	return files
}

// limitGo keeps Go's part of the memory; the function that it returns lifts the limit.
func (s Settings) limitGo() (lift func()) {
	limit := s.memoryLimit()
	if limit == 0 {
		return func() {}
	}
	before := debug.SetMemoryLimit(limit / 100 * loaderSharePct)
	return func() { debug.SetMemoryLimit(before) }
}

// databaseBounds are the statements that give the database its part of the memory, and as many
// threads as have room in it.
func (s Settings) databaseBounds(isLoaded bool) []string {
	var statements []string
	threads, limit := int64(s.Threads), s.memoryLimit()
	if limit > 0 {
		part := limit / 100 * loadingSharePct
		if isLoaded {
			part = limit / 100 * stagesSharePct
			threads = min(threads, max(part/threadMemory, 1))
		}
		statements = append(statements,
			"SET memory_limit = '"+strconv.FormatInt(part>>10, 10)+"KiB'")
	}
	if limit > 0 && limit < ampleMemory {
		kept := fmt.Sprintf("'%dKiB'", max((limit-scarceMemory)/128, 1<<20)>>10)
		statements = append(statements, "SET allocator_background_threads = true",
			"SET allocator_flush_threshold = "+kept,
			"SET allocator_bulk_deallocation_flush_threshold = "+kept)
	}
	if threads > 0 {
		statements = append(statements, "SET threads = "+strconv.FormatInt(threads, 10))
	}
	return statements
}

// yieldMemory gives the database the memory that loading needed.
func (r *run) yieldMemory(ctx context.Context) error {
	debug.FreeOSMemory()
	for _, statement := range r.settings.databaseBounds(true) {
		if err := r.store.exec(ctx, statement); err != nil {
			return fmt.Errorf("memory of the stages: %w", err)
		}
	}
	return nil
}

func isOutOfMemory(err error) bool {
	text := err.Error()
	return strings.Contains(text, "Out of Memory Error") ||
		strings.Contains(text, "failed to allocate data of size") // when a transaction ends
}

// outOfMemory says what to do when the database says that its memory does not suffice.
func (s Settings) outOfMemory(err error) error {
	if err == nil || !isOutOfMemory(err) {
		return err
	}
	return &MemoryError{Problem: fmt.Sprintf("%d MiB of memory do not suffice: %s",
		s.memoryLimit()>>20, lastLine(err.Error())),
		Hint: "give it more with --memory-limit, or let it use fewer --threads"}
}

// MemoryError is a run that came to its memory limit.
type MemoryError struct {
	Problem, Hint string
}

// Error names what is wrong.
func (e *MemoryError) Error() string { return e.Problem }
