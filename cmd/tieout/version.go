package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/pflag"
)

func versionCommand() command {
	return command{
		name: "version", about: "print the version",
		flags: func(*pflag.FlagSet) any { return nil },
		run: func(_ context.Context, s streams, _ any, _ []string) (int, error) {
			fmt.Fprintln(s.out, "tieout "+version())
			return exitTied, nil
		},
	}
}

// version is the module's version, or the commit that it was built from. A build that knows neither
// is told by its own bytes: a store reads its files anew when the program is another.
func version() string {
	info, known := debug.ReadBuildInfo()
	if known && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	if known {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				return setting.Value
			}
		}
	}
	if id := buildID(); id != "" {
		return "development-" + id
	}
	return "development-" + ownDigest()
}

// buildID is the start of the hash of all that the linker wrote, which it notes in the program (go
// tool buildid), or "" where that is not found: reading it takes nothing.
func buildID() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	program, err := elf.Open(path)
	if err != nil {
		return ""
	}
	defer program.Close()
	note := program.Section(".note.go.buildid")
	if note == nil {
		return ""
	}
	text, err := note.Data()
	if err != nil {
		return ""
	}
	id := string(bytes.TrimRight(text, "\x00"))
	content := id[strings.LastIndexByte(id, '/')+1:]
	if len(content) < idLength || len(content) == len(id) {
		return ""
	}
	return content[:idLength]
}

// idLength is how much of a hash tells programs apart.
const idLength = 12

// ownDigest is the start of the SHA-256 of the program's file, or "" where that cannot be read.
func ownDigest() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return ""
	}
	return hex.EncodeToString(hash.Sum(nil))[:idLength]
}
