package loaders

// mlflowSpans reads the spans that MLflow's AI gateway logs. A trace of them says beside them whose
// they are: user, session, tenant; older ones by another name.
func mlflowSpans() Format {
	format := mapped("mlflow")
	format.beside = []string{"trace_metadata", "request_metadata"}
	return format
}
