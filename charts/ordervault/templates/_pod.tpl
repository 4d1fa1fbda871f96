{{/*
The settings and secrets of one component: its own go over those of all.
Takes a dict of `root` and `component` (a key of the values); returns YAML.
*/}}
{{- define "ordervault.own" -}}
{{- $own := index .root.Values .component }}
settings: {{ mergeOverwrite (deepCopy .root.Values.settings) $own.settings | toJson }}
secrets: {{ mergeOverwrite (deepCopy .root.Values.secrets) $own.secrets | toJson }}
{{- end }}

{{/* The labels of a pod: `root`, `component`. */}}
{{- define "ordervault.podLabels" -}}
{{ include "ordervault.labels" .root }}
app.kubernetes.io/component: {{ .component }}
{{- with .root.Values.podLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What all pods have beside their containers: `root`. */}}
{{- define "ordervault.podSpec" -}}
{{- with .root.Values -}}
serviceAccountName: {{ .serviceAccountName }}
automountServiceAccountToken: false
# A service called redis or kafka would set REDIS_PORT or KAFKA_PORT.
enableServiceLinks: false
securityContext: {{- toYaml .podSecurityContext | nindent 2 }}
terminationGracePeriodSeconds: {{ .terminationGracePeriodSeconds }}
{{- with .imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{/* The container of `ingest`, but for its arguments and probes: `root`, `component`, whose settings and secrets it has. */}}
{{- define "ordervault.container" -}}
{{- $own := include "ordervault.own" . | fromYaml -}}
image: {{ include "ordervault.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  runAsUser: {{ .root.Values.podSecurityContext.runAsUser }}
  runAsGroup: {{ .root.Values.podSecurityContext.runAsGroup }}
  capabilities: {drop: [ALL]}
resources: {{- toYaml (index .root.Values .component).resources | nindent 2 }}
env:
  - {name: SECRETS_FOLDER, value: /run/secrets/ordervault}
{{- if $own.secrets.ca.existingSecret }}
  - {name: CERTIFICATE_PATH, value: /run/secrets/ordervault/ca.crt}
{{- end }}
{{- if $own.secrets.kafkaCertificate.existingSecret }}
  - {name: KAFKA_CERTIFICATE_PATH, value: /run/secrets/ordervault/kafka.crt}
  - {name: KAFKA_KEY_PATH, value: /run/secrets/ordervault/kafka.key}
{{- end }}
{{- range $name, $value := $own.settings }}
  - name: {{ $name }}
    value: {{ include "ordervault.value" $value }}
{{- end }}
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  - {name: secrets, mountPath: /run/secrets/ordervault, readOnly: true}
{{- end }}

{{/* The volumes of that container: the keys of the secrets as files that `ingest` looks for. */}}
{{- define "ordervault.volumes" -}}
{{- $secrets := (include "ordervault.own" . | fromYaml).secrets -}}
- name: tmp
  emptyDir: {sizeLimit: 256Mi}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
    {{- with $secrets.kafka }}
    {{- if .existingSecret }}
      - secret:
          name: {{ .existingSecret }}
          items:
            - {key: {{ .usernameKey | quote }}, path: kafka_username}
            - {key: {{ .passwordKey | quote }}, path: kafka_password}
    {{- end }}
    {{- end }}
    {{- with $secrets.kafkaCertificate }}
    {{- if .existingSecret }}
      - secret:
          name: {{ .existingSecret }}
          items:
            - {key: {{ .certificateKey | quote }}, path: kafka.crt}
            - {key: {{ .keyKey | quote }}, path: kafka.key}
    {{- end }}
    {{- end }}
    {{- with $secrets.postgres }}
    {{- if .existingSecret }}
      - secret:
          name: {{ .existingSecret }}
          items:
            {{- if .usernameKey }}
            - {key: {{ .usernameKey | quote }}, path: pg_warehouse_user}
            {{- end }}
            - {key: {{ .passwordKey | quote }}, path: pg_warehouse_password}
    {{- end }}
    {{- end }}
    {{- with $secrets.redis }}
    {{- if .existingSecret }}
      - secret:
          name: {{ .existingSecret }}
          items:
            - {key: {{ .passwordKey | quote }}, path: redis_password}
    {{- end }}
    {{- end }}
    {{- with $secrets.ca }}
    {{- if .existingSecret }}
      - secret:
          name: {{ .existingSecret }}
          items:
            - {key: {{ .key | quote }}, path: ca.crt}
    {{- end }}
    {{- end }}
{{- end }}
