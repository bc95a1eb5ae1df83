{{- define "gradsmith.labels" -}}
app.kubernetes.io/name: gradsmith
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "gradsmith.metadataLabels" -}}
{{ include "gradsmith.labels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- /* (list root "api"): image of a target of the Dockerfile. */ -}}
{{- define "gradsmith.image" -}}
{{- $root := index . 0 -}}
{{- with $root.Values.image.registry }}{{ trimSuffix "/" . }}/{{ end }}gradsmith-{{ index . 1 }}:{{ $root.Values.image.tag | default $root.Chart.AppVersion }}
{{- end }}

{{- /* (list root groups): settings of each pod. Processes other than the first one of a container are reaped by the pause container. */ -}}
{{- define "gradsmith.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
shareProcessNamespace: true
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- with index . 1 }}
  supplementalGroups: {{ toJson . }}
{{- end }}
{{- with (index . 0).Values.image.pullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
{{- end }}

{{- define "gradsmith.container" -}}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities: { drop: [ALL] }
{{- end }}

{{- /* (list root "service" or "worker"): where Redis is and how this role authenticates. */ -}}
{{- define "gradsmith.redisEnv" -}}
{{- $root := index . 0 -}}
{{- $redis := $root.Values.redis -}}
- name: REDIS_URL
  value: rediss://{{ (index $redis (index . 1)).user }}@{{ required "redis.host is required" $redis.host }}:{{ $redis.port }}
- name: REDIS_PASSWORD_FILE
  value: /secrets/redis/password
{{- if $redis.ca }}
- name: REDIS_CA_FILE
  value: /secrets/redis/ca.crt
{{- end }}
- name: LOG_LEVEL
  value: {{ $root.Values.logLevel }}
{{- end }}

{{- define "gradsmith.redisVolume" -}}
{{- $root := index . 0 -}}
- name: redis-secret
  secret:
    secretName: {{ (index $root.Values.redis (index . 1)).secret }}
    defaultMode: 0440
{{- end }}

{{- define "gradsmith.metricsEnv" -}}
- name: GRADSMITH_METRICS_HOST
  value: 0.0.0.0
- name: GRADSMITH_METRICS_PORT
  value: "9464"
{{- end }}

{{- define "gradsmith.env" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{- /* Restarts a process that is silent for five minutes. It is longer than a short outage of Redis, in which trainings
continue: a restart would end them. Not ready after 30 s, as in Compose. */ -}}
{{- define "gradsmith.aliveProbes" -}}
startupProbe:
  exec: { command: [sh, -c, test -f /tmp/alive] }
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: 150
readinessProbe:
  exec: { command: [sh, -c, 'test $(( $(date +%s) - $(stat -c %Y /tmp/alive) )) -lt 30'] }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
livenessProbe:
  exec: { command: [sh, -c, 'test $(( $(date +%s) - $(stat -c %Y /tmp/alive) )) -lt 300'] }
  periodSeconds: 30
  timeoutSeconds: 5
  failureThreshold: 2
{{- end }}

{{- define "gradsmith.spread" -}}
{{- $root := index . 0 -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "gradsmith.labels" $root | nindent 8 }}
        app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "gradsmith.placement" -}}
{{- with .nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- end }}

{{- define "gradsmith.dataClaim" -}}
{{ .Values.data.claim | default (printf "%s-data" .Release.Name) }}
{{- end }}

{{- define "gradsmith.checkpointsClaim" -}}
{{ .Values.checkpoints.claim | default (printf "%s-checkpoints" .Release.Name) }}
{{- end }}
