{{/* What would render and then lose data, leak a secret or do nothing. Each says what to set. */}}
{{- define "revenge.refuse" -}}
{{- if include "revenge.isMany" . }}
  {{- range $part := list "database" "cache" "search" }}
    {{- if not (get (get $.Values $part) "host") }}
      {{- fail (printf "more than one server needs %s.host: what is private to one is not there for the others" $part) }}
    {{- end }}
  {{- end }}
  {{- if .Values.data.existingClaim }}
    {{- fail "data.existingClaim: more than one server cannot share a data folder; leave it out" }}
  {{- end }}
{{- end }}
{{- if and .Values.database.host (not .Values.database.secret.name) }}
  {{- fail "database.secret.name: name the Secret that has the password of database.user" }}
{{- end }}
{{- if and .Values.search.host (not .Values.search.secret.name) }}
  {{- fail "search.secret.name: name the Secret that has Typesense's key" }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}
  {{- fail "ingress.host: say under which name people reach the server" }}
{{- end }}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.min) (int .Values.autoscaling.max)) }}
  {{- fail "autoscaling.min is more than autoscaling.max" }}
{{- end }}
{{- $config := .Values.config }}
{{- range $section := list "data_dir" "database" "cache" "search" }}
  {{- if hasKey $config $section }}
    {{- fail (printf "config.%s: the chart says that itself; use its values" $section) }}
  {{- end }}
{{- end }}
{{- range $key := list "host" "port" "trusted_proxies" }}
  {{- if hasKey (default dict (get $config "server")) $key }}
    {{- fail (printf "config.server.%s: the chart says that itself; use its values" $key) }}
  {{- end }}
{{- end }}
{{- if regexMatch "\"(password|api_key|key|pin|secret|client_secret)\":\"[^\"]" (toJson $config) }}
  {{- fail "config: a password or key does not belong into a ConfigMap; put it into a Secret and name that in secrets" }}
{{- end }}
{{- end -}}
