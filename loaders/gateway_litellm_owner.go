package loaders

import "strings"

// LiteLLM's callers name who pays in metadata of their own, on the key, in the body or in a header,
// and in tags. A row keeps the tenant, and as tags the few keys that say who pays; all other keys
// may differ from call to call, and are not kept.

// ownerKeys are the keys of metadata that say who pays.
func ownerKeys() []string {
	return []string{"tenant", "tenant_id", "team", "department", "cost_center", "cost_centre",
		"business_unit", "customer", "product", "project", "app", "application", "feature",
		"environment"}
}

// owner fills the tenant that the caller named, and adds what else it said of who pays to the tags.
func (l *litellmReader) owner(f *litellmFields, row *Request) {
	isList := row.Tags == "" || strings.HasSuffix(row.Tags, `"]`)
	for _, said := range [2]value{f.meta.spendLogs, f.meta.requester} {
		if !said.isThere() || said.kind() != jsonObject {
			continue
		}
		for _, key := range l.ownerKeys {
			value := said.member(key).text()
			if value == "" || len(value) > keptBytesMax {
				continue
			}
			if isSecret(value) {
				value = keyID(value)
			}
			if row.TenantTag == "" && strings.HasPrefix(key, "tenant") {
				row.TenantTag = value
			}
			if isList {
				row.Tags = l.withTag(row.Tags, key, value)
			}
		}
	}
	if row.TenantTag == "" {
		row.TenantTag = taggedTenant(row.Tags)
	}
}

// withTag adds a tag to a list of them, in the reader's buffer, which may hold that list.
func (l *litellmReader) withTag(tags, key, value string) string {
	open := strings.TrimSuffix(tags, "]")
	if tags == "" {
		open = "["
	}
	l.tags = append(l.tags[:0], open...)
	if tags != "" {
		l.tags = append(l.tags, ',')
	}
	l.tags = append(append(append(l.tags, '"'), key...), ':')
	l.tags = append(appendEscaped(l.tags, value), `"]`...)
	return view(l.tags)
}

// taggedTenant finds tenant:NAME among tags.
func taggedTenant(tags string) string {
	for _, mark := range []string{`"tenant:`, `"tenant=`} {
		_, rest, found := strings.Cut(tags, mark)
		if !found {
			continue
		}
		if name, _, ends := strings.Cut(rest, `"`); ends && !strings.Contains(name, `\`) {
			return name
		}
	}
	return ""
}
