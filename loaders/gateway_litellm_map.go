package loaders

import (
	"strings"
	"time"

	"tieout/pricing"
)

// mapInformation is what the row says of the price that LiteLLM looked up.
func (f *litellmFields) mapInformation() value {
	return firstValue(f.meta.modelMap, f.payload.member("model_map_information"))
}

// mapKey is the name by which LiteLLM looked up the price.
func (f *litellmFields) mapKey() string {
	information := f.mapInformation()
	rate := information.find("model_map_value", "input_cost_per_token").text()
	if f.model != "" && rate != "" && strings.Trim(rate, "0.") == "" {
		return "" // priced at nothing, a deployment is paid for otherwise
	}
	return information.member("model_map_key").text()
}

// mapModel is that name where the row has no model, or the name of a deployment: Azure's callers
// name these as they like. One that bears the name of a snapshot, with its date, is of no other
// model. An application inference profile of Bedrock has an id that names no model; what else has
// such an id is not paid for by the tokens of the model behind it.
func (f *litellmFields) mapModel(key string) string {
	if f.model == "" {
		return key
	}
	if _, isProfile := bedrockProfile(f.model); isProfile &&
		pricing.LooksLikeBedrock(strings.TrimPrefix(key, "bedrock/")) {
		return key
	}
	if f.provider != "azure" || !strings.HasPrefix(key, "azure/") ||
		isSnapshot(f.model) && lastSegment(key) != lastSegment(f.model) {
		return ""
	}
	return key
}

// bedrockProfile reads the ARN of an application inference profile: the region it is called in.
func bedrockProfile(model string) (region string, isProfile bool) {
	_, arn, isARN := strings.Cut(model, "arn:")
	if !isARN {
		return "", false
	}
	parts := strings.Split(arn, ":") // aws:bedrock:REGION:ACCOUNT:KIND/ID
	if len(parts) != 5 || parts[1] != "bedrock" ||
		!strings.HasPrefix(parts[4], "application-inference-profile/") {
		return "", false
	}
	return parts[2], true
}

// pricedAs keeps the model and the tier by which the row says that LiteLLM priced it, where the
// call was of others: they are tried as a cause, and charge nothing. Where it does not say, the
// model that it sent is the one that it looked up.
func (f *litellmFields) pricedAs(row *Request, priced string) {
	if priced == "" && row.ModelEvidence == ModelReported {
		priced = f.model
	}
	model := strings.TrimPrefix(priced, row.Provider+"/")
	if model != row.ResponseModel && model != row.RequestedModel {
		row.PricedModel = model
	}
	tier := f.breakdown.member("service_tier").text()
	if tier == "" && row.ServiceTier != "" { // LiteLLM takes the tier that was asked for
		tier = firstTier(f.payload.member("model_parameters").member("service_tier").text())
	}
	if tier != row.ServiceTier {
		row.PricedTier = tier
	}
}

// isSnapshot reports a model's name that ends with a date, as gpt-4.1-2025-04-14.
func isSnapshot(name string) bool {
	const date = "-2006-01-02"
	if len(name) <= len(date) {
		return false
	}
	_, err := time.Parse(date, name[len(name)-len(date):])
	return err == nil
}

// payee is who bills the call: LiteLLM calls whatever speaks OpenAI's interface by a name of its
// own or OpenAI's, and the host that it asked tells, where it is the API of one provider.
func (f *litellmFields) payee(stated string) string {
	switch stated {
	case "openai", "custom_openai", "openai_like":
		return firstText(providerAt(f.apiBase), stated)
	}
	return stated
}
