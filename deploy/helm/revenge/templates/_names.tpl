{{- define "revenge.name" -}}
{{- if contains "revenge" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-revenge" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end -}}
{{- end -}}

{{/* What chooses the pods; never changes between versions. */}}
{{- define "revenge.selector" -}}
app.kubernetes.io/name: revenge
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "revenge.labels" -}}
{{ include "revenge.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* "true" where there may be more than one server at once. */}}
{{- define "revenge.isMany" -}}
{{- if or .Values.autoscaling.enabled (gt (int .Values.replicas) 1) }}true{{ end -}}
{{- end -}}
