package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime/debug"

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
	return "development-" + ownDigest()
}

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
	return hex.EncodeToString(hash.Sum(nil)[:6])
}
