{{- /*
First in every template, for Helm does not always merge values.yaml: `upgrade --reuse-values` brings the values of the
older chart, and a null takes the key away. Templates cannot read values.yaml, so defaults.yaml has the same.
*/ -}}
{{- define "ropewalk.complete" -}}
{{- include "ropewalk.fill" (dict "values" .Values "defaults" (.Files.Get "defaults.yaml" | fromYaml)) -}}
{{- include "ropewalk.check" . -}}
{{- end -}}

{{- /*
By hand: Sprig's merges take false, 0 and "" for absent. What an installer takes out of `resources`, a limit say, stays
out.
*/ -}}
{{- define "ropewalk.fill" -}}
{{- range $key, $default := .defaults -}}
{{- $value := index $.values $key -}}
{{- if kindIs "invalid" $value -}}
{{- $_ := set $.values $key $default -}}
{{- else if and (kindIs "map" $default) (ne $key "resources") -}}
{{- include "ropewalk.fill" (dict "values" $value "defaults" $default) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* A release's name may have dots, a Service's may not. */ -}}
{{- define "ropewalk.fullname" -}}
{{- .Values.fullnameOverride | default .Release.Name | replace "." "-" | trunc 48 | trimSuffix "-" -}}
{{- end -}}

{{- /* dict "root" $ "component" "controller" */ -}}
{{- define "ropewalk.selector" -}}
app.kubernetes.io/name: ropewalk
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "ropewalk.labels" -}}
{{ include "ropewalk.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- /* dict "root" $ "suffix" "-controller" "digest" DIGEST: there is no public image, so a missing name is said at once. */ -}}
{{- define "ropewalk.image" -}}
{{- $image := .root.Values.image -}}
{{- if not $image.repository -}}
{{- fail "image.repository is not set: build and push the images with `docker build -f deploy/Dockerfile --target ropewalk -t REGISTRY/ropewalk:0.1.0 .` and `--target ropewalk-controller -t REGISTRY/ropewalk-controller:0.1.0`, then pass --set image.repository=REGISTRY/ropewalk" -}}
{{- end -}}
{{ $image.repository }}{{ .suffix }}
{{- if .digest }}@{{ .digest }}{{ else }}:{{ $image.tag | default .root.Chart.AppVersion }}{{ end }}
{{- end -}}

{{- define "ropewalk.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "ropewalk.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "ropewalk.podFields" -}}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
{{- end -}}

{{- define "ropewalk.placement" -}}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
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
{{- end -}}

{{- define "ropewalk.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "ropewalk.selector" . | nindent 8 }}
{{- end -}}

{{- define "ropewalk.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "ropewalk.secretNamespaces" -}}
{{- .Values.secretNamespaces | default (list .Release.Namespace) | uniq | toJson -}}
{{- end -}}

{{- define "ropewalk.defaultTlsSecret" -}}
{{- with .Values.dataplane.tls.defaultSecret -}}
{{- if contains "/" . }}{{ . }}{{ else }}{{ $.Release.Namespace }}/{{ . }}{{ end -}}
{{- end -}}
{{- end -}}

{{- /* The controller tells JSON from YAML by the file's name. */ -}}
{{- define "ropewalk.gatewayConfigFile" -}}
{{- if hasPrefix "{" (trim .Values.gateway.config) }}gateway.json{{ else }}gateway.yaml{{ end -}}
{{- end -}}

{{- /* A ConfigMap's keys have no slashes: JSON, from the key there to the file's name. A key is always the same file's:
     pods of before read the ConfigMap, too. */ -}}
{{- define "ropewalk.gatewayFiles" -}}
{{- $names := dict -}}
{{- range $name := keys (.Values.gateway.files | default dict) | sortAlpha -}}
{{- if eq $name (include "ropewalk.gatewayConfigFile" $) }}{{ fail (printf "gateway.files: %s is the name of gateway.config itself" $name) }}{{ end -}}
{{- $_ := set $names (printf "file-%s" (sha256sum $name | trunc 16)) $name -}}
{{- end -}}
{{- toJson $names -}}
{{- end -}}
