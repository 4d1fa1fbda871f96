{{- define "ordervault.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Short enough for the longest suffix, "-metrics". */}}
{{- define "ordervault.fullname" -}}
{{- $name := include "ordervault.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 54 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 54 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 54 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "ordervault.selectorLabels" -}}
app.kubernetes.io/name: {{ include "ordervault.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "ordervault.labels" -}}
{{ include "ordervault.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "ordervault.image" -}}
{{- with .Values.image }}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{/* A setting as an environment variable has it: a large number is not 1e+06. */}}
{{- define "ordervault.value" -}}
{{- if kindIs "string" . }}{{ . | quote }}{{ else }}{{ toJson . | quote }}{{ end }}
{{- end }}

{{/* How many partitions the source topic has: more ingestors than that would be idle. */}}
{{- define "ordervault.partitions" -}}
{{- .Values.settings.KAFKA_TOPIC_PARTITIONS | default 6 | int }}
{{- end }}

{{- define "ordervault.maxReplicas" -}}
{{- $tooMany := "%s is %d, the source topic has %d partitions (settings.KAFKA_TOPIC_PARTITIONS): more replicas would be idle" }}
{{- $partitions := include "ordervault.partitions" . | int }}
{{- $wanted := .Values.autoscaling.maxReplicas | default $partitions | int }}
{{- if gt $wanted $partitions }}
{{- fail (printf $tooMany "autoscaling.maxReplicas" $wanted $partitions) }}
{{- end }}
{{- if lt $wanted (int .Values.autoscaling.minReplicas) }}
{{- fail (printf "autoscaling.maxReplicas is %d, autoscaling.minReplicas %d: the most is less than the least" $wanted (int .Values.autoscaling.minReplicas)) }}
{{- end }}
{{- $wanted }}
{{- end }}

{{- define "ordervault.replicas" -}}
{{- $tooMany := "%s is %d, the source topic has %d partitions (settings.KAFKA_TOPIC_PARTITIONS): more replicas would be idle" }}
{{- $partitions := include "ordervault.partitions" . | int }}
{{- if gt (int .Values.stg.replicas) $partitions }}
{{- fail (printf $tooMany "stg.replicas" (int .Values.stg.replicas) $partitions) }}
{{- end }}
{{- int .Values.stg.replicas }}
{{- end }}
