{{- define "shop.name" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Labels of an object: (list $ "component") */}}
{{- define "shop.labels" -}}
{{- $root := index . 0 -}}
{{ include "shop.selector" . }}
app.kubernetes.io/part-of: shop
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- end -}}

{{- define "shop.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "shop.name" $root }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* What all Pods of our own images have in common: they pass Pod Security's level "restricted". */}}
{{- define "shop.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 10
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "shop.container" -}}
imagePullPolicy: IfNotPresent
resources:
  requests: {cpu: 20m, memory: 64Mi}
  limits: {memory: 192Mi}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end -}}

{{/* How a container finds the database. */}}
{{- define "shop.databaseEnvironment" -}}
envFrom:
  - configMapRef: {name: {{ include "shop.name" . }}-database}
env:
  - name: PGPASSWORD
    valueFrom:
      secretKeyRef: {name: {{ include "shop.name" . }}-database, key: password}
{{- end -}}
