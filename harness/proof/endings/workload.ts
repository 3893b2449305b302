/** The measured Kubernetes objects: a Service, and a Deployment of the server with one way to end. */
import type { V1Deployment, V1Service } from '@kubernetes/client-node'
import { graceSeconds } from './endings.ts'
import type { ServerEnding, DeploymentSetting } from './endings.ts'

export const labels: Record<string, string> = { app: 'web' }
/** `kubectl get pods --selector`. */
export const selector = 'app=web'
const port = 8080

export function buildWorkload(): [V1Service, V1Deployment] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', labels },
      spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', labels },
      spec: {
        // The run raises this once the configuration's patch is applied.
        replicas: 0,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: graceSeconds,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            containers: [
              {
                name: 'app',
                image: 'nodrop/endings:dev',
                imagePullPolicy: 'IfNotPresent',
                ports: [{ name: 'http', containerPort: port }],
                readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 1, timeoutSeconds: 2 },
              },
            ],
          },
        },
      },
    },
  ]
}

/** A strategic merge patch of the Deployment. */
export function buildPatch(
  ending: ServerEnding,
  { recreates, sleepSeconds }: DeploymentSetting,
): Record<string, unknown> {
  const env = Object.entries(ending.env).map(([name, value]) => ({ name, value }))
  const hook = sleepSeconds > 0 && { lifecycle: { preStop: { sleep: { seconds: sleepSeconds } } } }
  const strategy = recreates
    ? { type: 'Recreate', rollingUpdate: null }
    : { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  return { spec: { strategy, template: { spec: { containers: [{ name: 'app', env, ...hook }] } } } }
}
