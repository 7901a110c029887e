{{/* Names are fixed: a cluster has one mesh, and its parts know each other by them. */}}
{{- define "culvert.labels" -}}
app.kubernetes.io/part-of: culvert
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end }}

{{- define "culvert.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "culvert.rootNamespaces" -}}
{{- if .Values.mesh.rootNamespaces -}}
{{ join "," .Values.mesh.rootNamespaces }}
{{- else -}}
{{ .Release.Namespace }},istio-system
{{- end -}}
{{- end }}

{{/*
The settings of a process as variables: the chart's own, which `settings` of the values add to and win over, and options of its JVM.
Called with the root, the values of the part, and the chart's settings for it.
*/}}
{{- define "culvert.environment" -}}
{{- $root := index . 0 -}}
{{- $part := index . 1 -}}
{{- $log := dict "log-format" $root.Values.log.format "log-level" $root.Values.log.level -}}
{{- range $key, $value := merge (dict) $part.settings (index . 2) $log }}
- name: {{ printf "CULVERT_%s" ($key | upper | replace "-" "_") }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- with $part.javaOptions }}
- name: CULVERT_JAVA_OPTS
  value: {{ . | quote }}
{{- end }}
{{- end }}

{{- define "culvert.field" -}}
- name: {{ index . 0 }}
  valueFrom:
    fieldRef:
      fieldPath: {{ index . 1 }}
{{- end }}

{{- define "culvert.seccomp" -}}
{{- $root := index . 0 -}}
{{- if eq $root.Values.seccomp.profile "Localhost" -}}
type: Localhost
localhostProfile: culvert/{{ index . 1 }}.json
{{- else -}}
type: RuntimeDefault
{{- end -}}
{{- end }}

{{/*
Where a pod may run: on new nodes too, whose taint is taken away by what runs there then. Called with the root and the values of the part.
*/}}
{{- define "culvert.placement" -}}
{{- $root := index . 0 -}}
{{- $part := index . 1 -}}
{{- $tolerations := $part.tolerations -}}
{{- with $root.Values.controlplane.nodeTaint -}}
{{- $tolerations = append $tolerations (dict "key" . "operator" "Exists") -}}
{{- end -}}
nodeSelector:
  kubernetes.io/os: linux
{{- with $part.nodeSelector }}
{{ toYaml . | indent 2 }}
{{- end }}
{{- with $tolerations }}
tolerations:
{{ toYaml . | indent 2 }}
{{- end }}
{{- with $part.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{/*
A duration of the settings in whole seconds.
*/}}
{{- define "culvert.seconds" -}}
{{- $number := regexFind "^[0-9]+" . | int64 -}}
{{- $unit := regexFind "[a-z]+$" . -}}
{{- if eq $unit "ms" -}}
{{- div $number 1000 -}}
{{- else -}}
{{- mul $number (get (dict "s" 1 "m" 60 "h" 3600 "d" 86400) $unit) -}}
{{- end -}}
{{- end }}
