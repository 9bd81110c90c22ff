{{- /* What the schema cannot say, and the API server would say late or not at all. */ -}}
{{- define "ropewalk.check" -}}
{{- with .Values.gateway -}}
{{- if and .files (not .config) -}}
{{- fail "gateway.files are for gateway.config, which is empty" -}}
{{- end -}}
{{- range $folder := keys .files -}}
{{- range $name := keys $.Values.gateway.files -}}
{{- if hasPrefix (printf "%s/" $folder) $name -}}
{{- fail (printf "gateway.files: %s cannot be a file and the folder of %s" $folder $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with .Values.dataplane -}}
{{- if lt (int .terminationGracePeriodSeconds) (add 5 .shutdownDelaySeconds | int) -}}
{{- fail (printf "dataplane.terminationGracePeriodSeconds is %v: requests in flight need 5 seconds or more after the %v of shutdownDelaySeconds" .terminationGracePeriodSeconds .shutdownDelaySeconds) -}}
{{- end -}}
{{- if .autoscaling.enabled -}}
{{- if gt (int .autoscaling.minReplicas) (int .autoscaling.maxReplicas) -}}
{{- fail "dataplane.autoscaling.minReplicas is greater than maxReplicas" -}}
{{- end -}}
{{- if not (or (.resources.requests).cpu (.resources.limits).cpu) -}}
{{- fail "dataplane.autoscaling needs dataplane.resources.requests.cpu: it measures the use of CPU by it" -}}
{{- end -}}
{{- end -}}
{{- with .service -}}
{{- if eq (int .httpPort) (int .httpsPort) -}}
{{- fail (printf "dataplane.service.httpPort and httpsPort are both %v" .httpPort) -}}
{{- end -}}
{{- if and .externalTrafficPolicy (eq .type "ClusterIP") -}}
{{- fail "dataplane.service.externalTrafficPolicy is only for type NodePort or LoadBalancer" -}}
{{- end -}}
{{- if and .loadBalancerClass (ne .type "LoadBalancer") -}}
{{- fail "dataplane.service.loadBalancerClass is only for type LoadBalancer" -}}
{{- end -}}
{{- if and .loadBalancerSourceRanges (ne .type "LoadBalancer") -}}
{{- fail "dataplane.service.loadBalancerSourceRanges is only for type LoadBalancer" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
