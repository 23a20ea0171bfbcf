package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/spf13/pflag"
)

// The fields of the Kubernetes API, batch/v1 and core/v1, that our manifests use. They are read
// strictly: a field that is misspelt or stands in the wrong place is an error.
type (
	meta struct {
		Name, Namespace string
		GenerateName    string            `yaml:"generateName"`
		Labels          map[string]string `yaml:"labels"`
	}
	cronJob struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   meta
		Spec       struct {
			Schedule                   string
			TimeZone                   string `yaml:"timeZone"`
			ConcurrencyPolicy          string `yaml:"concurrencyPolicy"`
			StartingDeadlineSeconds    int64  `yaml:"startingDeadlineSeconds"`
			SuccessfulJobsHistoryLimit int64  `yaml:"successfulJobsHistoryLimit"`
			FailedJobsHistoryLimit     int64  `yaml:"failedJobsHistoryLimit"`
			JobTemplate                struct {
				Spec jobSpec
			} `yaml:"jobTemplate"`
		}
	}
	job struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   meta
		Spec       jobSpec
	}
	jobSpec struct {
		BackoffLimit            int64 `yaml:"backoffLimit"`
		ActiveDeadlineSeconds   int64 `yaml:"activeDeadlineSeconds"`
		TTLSecondsAfterFinished int64 `yaml:"ttlSecondsAfterFinished"`
		PodFailurePolicy        struct {
			Rules []failureRule
		} `yaml:"podFailurePolicy"`
		Template struct {
			Metadata meta
			Spec     podSpec
		}
	}
	failureRule struct {
		Action      string
		OnExitCodes *struct {
			ContainerName string `yaml:"containerName"`
			Operator      string
			Values        []int
		} `yaml:"onExitCodes"`
		OnPodConditions []struct{ Type, Status string } `yaml:"onPodConditions"`
	}
	podSpec struct {
		RestartPolicy                 string `yaml:"restartPolicy"`
		AutomountServiceAccountToken  *bool  `yaml:"automountServiceAccountToken"`
		TerminationGracePeriodSeconds int64  `yaml:"terminationGracePeriodSeconds"`
		SecurityContext               struct {
			RunAsNonRoot   bool   `yaml:"runAsNonRoot"`
			RunAsUser      int64  `yaml:"runAsUser"`
			RunAsGroup     int64  `yaml:"runAsGroup"`
			FSGroup        int64  `yaml:"fsGroup"`
			FSGroupPolicy  string `yaml:"fsGroupChangePolicy"`
			SeccompProfile struct {
				Type string
			} `yaml:"seccompProfile"`
		} `yaml:"securityContext"`
		Containers []container
		Volumes    []volume
	}
	container struct {
		Name, Image     string
		Args            []string
		Env             []struct{ Name, Value string }
		Resources       struct{ Requests, Limits map[string]string }
		SecurityContext struct {
			AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
			ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
			Capabilities             struct{ Drop []string }
		} `yaml:"securityContext"`
		VolumeMounts []struct {
			Name      string
			MountPath string `yaml:"mountPath"`
			ReadOnly  bool   `yaml:"readOnly"`
		} `yaml:"volumeMounts"`
	}
	volume struct {
		Name                  string
		PersistentVolumeClaim *struct {
			ClaimName string `yaml:"claimName"`
			ReadOnly  bool   `yaml:"readOnly"`
		} `yaml:"persistentVolumeClaim"`
		EmptyDir *struct {
			SizeLimit string `yaml:"sizeLimit"`
		} `yaml:"emptyDir"`
		ConfigMap *struct{ Name string } `yaml:"configMap"`
		Secret    *struct {
			SecretName  string `yaml:"secretName"`
			DefaultMode int    `yaml:"defaultMode"`
		}
	}
)

func readManifest(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "deploy", name))
	if err == nil {
		err = yaml.UnmarshalWithOptions(text, into, yaml.Strict())
	}
	if err != nil {
		t.Fatalf("deploy/%s: %v", name, err)
	}
}

// TestManifests: the manifests are what Kubernetes takes, one run at a time, as an unprivileged
// user on a read-only root, and exit 1 is a finding that is not tried again.
func TestManifests(t *testing.T) {
	t.Parallel()
	var nightly cronJob
	readManifest(t, "cronjob.yaml", &nightly)
	if nightly.APIVersion != "batch/v1" || nightly.Kind != "CronJob" ||
		nightly.Spec.ConcurrencyPolicy != "Forbid" || nightly.Spec.StartingDeadlineSeconds < 600 ||
		len(strings.Fields(nightly.Spec.Schedule)) != 5 || nightly.Spec.TimeZone != "Etc/UTC" {
		t.Errorf("the CronJob is %+v", nightly)
	}
	checkJob(t, "cronjob.yaml", nightly.Spec.JobTemplate.Spec)
	var once job
	readManifest(t, "month-end.yaml", &once)
	if once.APIVersion != "batch/v1" || once.Kind != "Job" {
		t.Errorf("the Job is %+v", once)
	}
	checkJob(t, "month-end.yaml", once.Spec)
}

func checkJob(t *testing.T, name string, spec jobSpec) {
	t.Helper()
	pod := spec.Template.Spec
	if pod.RestartPolicy != "Never" || spec.BackoffLimit < 1 || spec.ActiveDeadlineSeconds < 3600 ||
		pod.TerminationGracePeriodSeconds < 5 || !pod.SecurityContext.RunAsNonRoot ||
		pod.SecurityContext.RunAsUser == 0 || len(pod.Containers) != 1 ||
		pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken {
		t.Errorf("%s: the pod is %+v", name, pod)
	}
	c := pod.Containers[0]
	if !c.SecurityContext.ReadOnlyRootFilesystem ||
		c.SecurityContext.AllowPrivilegeEscalation == nil ||
		*c.SecurityContext.AllowPrivilegeEscalation ||
		!slices.Equal(c.SecurityContext.Capabilities.Drop, []string{"ALL"}) {
		t.Errorf("%s: the container may too much: %+v", name, c.SecurityContext)
	}
	quantity := regexp.MustCompile(`^[0-9]+(\.[0-9]+)?(m|Ki|Mi|Gi)?$`)
	for _, part := range []map[string]string{c.Resources.Requests, c.Resources.Limits} {
		for _, key := range []string{"cpu", "memory", "ephemeral-storage"} {
			if !quantity.MatchString(part[key]) {
				t.Errorf("%s: resources: %s is %q", name, key, part[key])
			}
		}
	}
	if tag := regexp.MustCompile(`(:[^:/]+|@sha256:[0-9a-f]{64})$`); !tag.MatchString(c.Image) {
		t.Errorf("%s: image %s is not pinned", name, c.Image)
	}
	checkVolumes(t, name, pod)
	checkFailures(t, name, spec, c.Name)
	checkArgs(t, name, c.Args)
}

// checkVolumes wants each mount to have its volume, of one kind, and each volume its mount.
func checkVolumes(t *testing.T, name string, pod podSpec) {
	t.Helper()
	var mounted, there []string
	for _, mount := range pod.Containers[0].VolumeMounts {
		mounted = append(mounted, mount.Name)
	}
	for _, v := range pod.Volumes {
		there = append(there, v.Name)
		kinds := 0
		for _, isKind := range []bool{v.PersistentVolumeClaim != nil, v.EmptyDir != nil,
			v.ConfigMap != nil, v.Secret != nil} {
			if isKind {
				kinds++
			}
		}
		if kinds != 1 {
			t.Errorf("%s: volume %s is of %d kinds", name, v.Name, kinds)
		}
	}
	slices.Sort(mounted)
	slices.Sort(there)
	if !slices.Equal(mounted, there) {
		t.Errorf("%s: mounted are %v, there are %v", name, mounted, there)
	}
}

// checkFailures wants all exit codes but 4 to end the Job without another try.
func checkFailures(t *testing.T, name string, spec jobSpec, container string) {
	t.Helper()
	var final []int
	for _, rule := range spec.PodFailurePolicy.Rules {
		if !slices.Contains([]string{"FailJob", "Ignore", "Count", "FailIndex"}, rule.Action) ||
			(rule.OnExitCodes == nil) == (len(rule.OnPodConditions) == 0) {
			t.Errorf("%s: no rule: %+v", name, rule)
		}
		if codes := rule.OnExitCodes; codes != nil {
			if codes.ContainerName != container || codes.Operator != "In" ||
				slices.Contains(codes.Values, 0) || !slices.IsSorted(codes.Values) {
				t.Errorf("%s: no rule of exit codes: %+v", name, codes)
			}
			if rule.Action == "FailJob" {
				final = append(final, codes.Values...)
			}
		}
	}
	want := []int{exitBreaks, exitUsage, exitInput, exitRefused}
	if !slices.Equal(final, want) {
		t.Errorf("%s: exit codes %v end the job, want %v", name, final, want)
	}
}

// checkArgs wants the arguments to be a run with flags that there are.
func checkArgs(t *testing.T, name string, args []string) {
	t.Helper()
	set := pflag.NewFlagSet("run", pflag.ContinueOnError)
	f := newRunFlags(set)
	if len(args) == 0 || args[0] != "run" {
		t.Errorf("%s: %v is no run", name, args)
		return
	}
	err := set.Parse(args[1:])
	if err == nil {
		err = f.check()
	}
	if err == nil {
		_, _, err = f.span()
	}
	if err != nil {
		t.Errorf("%s: %v: %v", name, args, err)
	}
}

// TestDeployedConfig: the settings of the ConfigMap are settings, and its paths are mounted.
func TestDeployedConfig(t *testing.T) {
	t.Parallel()
	var config struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   meta
		Data       map[string]string
	}
	readManifest(t, "config.yaml", &config)
	path := filepath.Join(t.TempDir(), "tieout.yaml")
	if err := os.WriteFile(path, []byte(config.Data["tieout.yaml"]), 0o600); err != nil {
		t.Fatal(err)
	}
	f := newRunFlags(pflag.NewFlagSet("run", pflag.ContinueOnError))
	f.config = path
	inputs, _, err := f.gather(nil, []string{"TIEOUT_PERIOD=month"})
	if err == nil {
		_, err = f.settings(inputs)
	}
	if err != nil || config.Kind != "ConfigMap" || config.APIVersion != "v1" {
		t.Errorf("deploy/config.yaml: %v, %+v", err, config)
	}
	var nightly cronJob
	readManifest(t, "cronjob.yaml", &nightly)
	for _, used := range append(append(inputs, f.prices...), f.out, f.store, f.tempDir) {
		isMounted := false
		for _, m := range nightly.Spec.JobTemplate.Spec.Template.Spec.Containers[0].VolumeMounts {
			isMounted = isMounted || used == m.MountPath || strings.HasPrefix(used, m.MountPath+"/")
		}
		if !isMounted {
			t.Errorf("nothing is mounted at %s", used)
		}
	}
}

// TestSystemd: the unit runs what there is, takes exit 1 for success, and the timer starts it.
func TestSystemd(t *testing.T) {
	t.Parallel()
	service, errService := os.ReadFile(filepath.Join(root, "deploy/systemd/tieout.service"))
	timer, errTimer := os.ReadFile(filepath.Join(root, "deploy/systemd/tieout.timer"))
	if errService != nil || errTimer != nil {
		t.Fatal(errService, errTimer)
	}
	line := regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/tieout (.*)$`).FindSubmatch(service)
	if line == nil {
		t.Fatal("the unit starts no tieout")
	}
	checkArgs(t, "tieout.service", strings.Fields(string(line[1])))
	for _, want := range []string{"SuccessExitStatus=1\n", "Type=oneshot\n",
		"ProtectSystem=strict\n"} {
		if !strings.Contains(string(service), want) {
			t.Errorf("the unit lacks %s", want)
		}
	}
	if !strings.Contains(string(timer), "OnCalendar=") ||
		!strings.Contains(string(timer), "Persistent=true") {
		t.Error("the timer does not make up for a night that it missed")
	}
	form := regexp.MustCompile(`^(\[(Unit|Service|Timer|Install)\]|#.*|[A-Z][A-Za-z]+=.*|)$`)
	for _, text := range strings.Split(string(service)+string(timer), "\n") {
		if !form.MatchString(text) {
			t.Errorf("no line of a unit: %q", text)
		}
	}
}
