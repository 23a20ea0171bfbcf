package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"tieout/reconcile"
)

// Where a setting of tieout run comes from: a flag goes before the environment, the environment
// before the configuration file, the file before the default.
const (
	fromFlag    = "flag"
	fromEnv     = "environment"
	fromFile    = "file"
	fromDefault = "default"
)

// envPrefix begins the names of our variables: --max-rejects is TIEOUT_MAX_REJECTS.
const envPrefix = "TIEOUT_"

// envName is the variable of a flag.
func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fileName is the key of a flag under run in the configuration file.
func fileName(flag string) string { return strings.ReplaceAll(flag, "-", "_") }

// inputsKey is the key of the inputs in the file; they have no flag.
const inputsKey = "inputs"

// gather sets the flags that were not given from the environment and the file. It returns the
// inputs, and where each setting came from.
func (f *runFlags) gather(
	inputs []string, environ []string,
) (all []string, origins map[string]string, err error) {
	origins = map[string]string{}
	f.set.VisitAll(func(flag *pflag.Flag) {
		origins[flag.Name] = fromDefault
		if flag.Changed {
			origins[flag.Name] = fromFlag
		}
	})
	if err := f.fromEnvironment(environ, origins); err != nil {
		return nil, nil, err
	}
	origins[inputsKey] = fromFlag
	if len(inputs) == 0 {
		origins[inputsKey] = fromEnv
		inputs = listOf(environ, envName(inputsKey))
	}
	if f.config == "" {
		return inputs, origins, nil
	}
	if f.read, err = reconcile.ReadConfig(f.config); err != nil {
		return nil, nil, err
	}
	for _, setting := range f.read.Run {
		if setting.Key == inputsKey {
			if len(inputs) == 0 {
				inputs, origins[inputsKey] = setting.Values, fromFile
			}
			continue
		}
		if err := f.fromSetting(setting, origins); err != nil {
			return nil, nil, err
		}
	}
	return inputs, origins, nil
}

// fromEnvironment sets the flags that the environment holds.
func (f *runFlags) fromEnvironment(environ []string, origins map[string]string) error {
	var wrong error
	f.set.VisitAll(func(flag *pflag.Flag) {
		values := listOf(environ, envName(flag.Name))
		if origins[flag.Name] != fromDefault || len(values) == 0 || wrong != nil ||
			f.isSpanNamed(flag.Name, fromEnv, origins) {
			return
		}
		origins[flag.Name] = fromEnv
		if !isList(flag) {
			values = []string{strings.Join(values, ",")}
		}
		for _, value := range values {
			if err := f.set.Set(flag.Name, value); err != nil {
				wrong = usage(envName(flag.Name)+"="+value+": "+err.Error(),
					"tieout run --help says what it may be")
			}
		}
	})
	return wrong
}

// listOf reads a variable, whose values are parted by commas.
func listOf(environ []string, name string) []string {
	for _, pair := range environ {
		if value, isIt := strings.CutPrefix(pair, name+"="); isIt && value != "" {
			return strings.Split(value, ",")
		}
	}
	return nil
}

// isList tells the flags that may be repeated.
func isList(flag *pflag.Flag) bool {
	return slices.Contains([]string{"stringArray", "stringSlice"}, flag.Value.Type())
}

// fromSetting sets a flag from the file, unless something before it has.
func (f *runFlags) fromSetting(setting reconcile.RunSetting, origins map[string]string) error {
	var known []string
	var flag *pflag.Flag
	f.set.VisitAll(func(one *pflag.Flag) {
		if one.Name != "config" {
			known = append(known, fileName(one.Name))
		}
		if fileName(one.Name) == setting.Key && one.Name != "config" {
			flag = one
		}
	})
	if flag == nil {
		return usage(fmt.Sprintf("%s: there is no setting %q", setting.Where, setting.Key),
			reconcile.Nearest(setting.Key, append(known, inputsKey)))
	}
	if len(setting.Values) != 1 && !isList(flag) {
		return usage(fmt.Sprintf("%s: %s takes one value", setting.Where, setting.Key), "")
	}
	if origins[flag.Name] != fromDefault || f.isSpanNamed(flag.Name, fromFile, origins) {
		return nil
	}
	origins[flag.Name] = fromFile
	for _, value := range setting.Values {
		if err := f.set.Set(flag.Name, value); err != nil {
			return usage(fmt.Sprintf("%s: %s: %v", setting.Where, setting.Key, err), "")
		}
	}
	return nil
}

// isSpanNamed tells of --period, --from and --to that something before the origin has named the
// period in the other way, so that --from and --to go before a period of the file as --period does.
func (f *runFlags) isSpanNamed(name, origin string, origins map[string]string) bool {
	var other []string
	switch name {
	case "period":
		other = []string{"from", "to"}
	case "from", "to":
		other = []string{"period"}
	}
	return slices.ContainsFunc(other, func(o string) bool {
		return origins[o] != fromDefault && origins[o] != origin &&
			f.set.Lookup(o).Value.String() != ""
	})
}

// strangers are variables of our prefix that no setting has, with what may have been meant.
func (f *runFlags) strangers(environ []string) []string {
	known := []string{envName(inputsKey)}
	f.set.VisitAll(func(flag *pflag.Flag) { known = append(known, envName(flag.Name)) })
	var found []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, envPrefix) && !slices.Contains(known, name) {
			found = append(found, name+" is no setting; "+reconcile.Nearest(name, known))
		}
	}
	slices.Sort(found)
	return found
}

// environment is what the process was started with.
func environment() []string { return os.Environ() }
