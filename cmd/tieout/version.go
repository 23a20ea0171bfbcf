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
	return "development-" + ownHash()
}

// hashLength is how much of a hash tells programs apart.
const hashLength = 12

// ownHash is the start of a hash of the program's file: of the linker's, which stands in it (go
// tool buildid), or else of a SHA-256, for which all of it is read. It is "" where neither can be.
func ownHash() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	if id := linkersHash(file); len(id) >= hashLength {
		return id[:hashLength]
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return ""
	}
	return hex.EncodeToString(hash.Sum(nil))[:hashLength]
}

// linkersHash is the last part of the id that a program notes of itself, or "".
func linkersHash(file io.ReaderAt) string {
	program, err := elf.NewFile(file)
	if err != nil {
		return ""
	}
	note := program.Section(".note.go.buildid")
	if note == nil {
		return ""
	}
	text, _ := note.Data() // nothing, if it cannot be read
	id := string(bytes.TrimRight(text, "\x00"))
	return id[strings.LastIndexByte(id, '/')+1:]
}
