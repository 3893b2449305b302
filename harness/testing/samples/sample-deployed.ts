/** The deployed objects of the sample comparison's configurations. */
import type { Deployed } from '../../model/deployed.ts'

interface Stop {
  command: string[]
  preStop?: string
}

const stops: Record<string, Stop> = {
  naive: { command: ['sh', '-c', 'gunicorn app'] },
  exec: { command: ['gunicorn', 'app'] },
  graceful: { command: ['gunicorn', 'app'], preStop: 'sleep 8' },
}

export function buildDeployed(configuration: string): Deployed {
  const { command, preStop } = stops[configuration] ?? {
    command: ['gunicorn', 'app'],
    preStop: `sleep # ${configuration}`,
  }
  const container = {
    name: 'app',
    image: 'nodrop/app:dev',
    command,
    env: [{ name: 'WORK_MS', value: 'sha256:ad57366865126e55649ecb23ae1d48887544976efea46a48eb5d85a6eeb4d306' }],
    ...(preStop !== undefined && { lifecycle: { preStop: { exec: { command: ['sh', '-c', preStop] } } } }),
    terminationMessagePath: '/dev/termination-log',
  }
  const labels = { app: 'web' }
  return {
    objects: [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: { ports: [{ port: 80 }], selector: labels },
      },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', labels },
        spec: { replicas: 3, template: { metadata: { labels }, spec: { containers: [container] } } },
      },
    ],
    images: [{ name: 'nodrop/app:dev', digest: `sha256:${'ab'.repeat(32)}` }],
    source: { path: `manifests/${configuration}.yaml`, sha256: 'cd'.repeat(32) },
  }
}
