/** Containers, as in refused-values.ts. */
import { buildPodWithContainer, buildPod } from './offer.ts'
import type { Manifest, Offer } from './offer.ts'

const podWithReadinessProbe = (probe: object): Manifest => buildPodWithContainer({ readinessProbe: probe })
const podWithInitContainer = (container: object): Manifest =>
  buildPod({ initContainers: [{ name: 'init', image: 'x', ...container }] })

export const containerOffers: readonly Offer[] = [
  ['a pod without containers', buildPod({ containers: [] })],
  ['a container without a name', buildPodWithContainer({ name: '' })],
  ['a container with a malformed name', buildPodWithContainer({ name: 'Main_1' })],
  ['a container without an image', buildPodWithContainer({ image: '' })],
  ['an image with spaces around', buildPodWithContainer({ image: ' web:1 ' })],
  [
    'two containers of one name',
    buildPod({
      containers: [
        { name: 'a', image: 'x' },
        { name: 'a', image: 'y' },
      ],
    }),
  ],
  ['an unknown pull policy', buildPodWithContainer({ imagePullPolicy: 'Sometimes' })],
  ['an unknown policy for the termination message', buildPodWithContainer({ terminationMessagePolicy: 'Log' })],
  ['a port of 0', buildPodWithContainer({ ports: [{ containerPort: 0 }] })],
  ['a port that is too high', buildPodWithContainer({ ports: [{ containerPort: 65536, hostPort: 70000 }] })],
  [
    'a malformed name of a port',
    buildPodWithContainer({ ports: [{ containerPort: 80, name: 'Not--a-port-at-all-' }] }),
  ],
  [
    'two ports of one name',
    buildPodWithContainer({
      ports: [
        { containerPort: 80, name: 'a' },
        { containerPort: 81, name: 'a' },
      ],
    }),
  ],
  ['an unknown protocol', buildPodWithContainer({ ports: [{ containerPort: 80, protocol: 'HTTP' }] })],
  [
    'one port of the host twice',
    buildPodWithContainer({
      ports: [
        { containerPort: 80, hostPort: 80 },
        { containerPort: 81, hostPort: 80 },
      ],
    }),
  ],
  [
    'the host’s network with other ports',
    buildPodWithContainer({ ports: [{ containerPort: 80, hostPort: 81 }] }, { hostNetwork: true }),
  ],
  ['a restart policy of a main container', buildPodWithContainer({ restartPolicy: 'Always' })],
  ['an unknown restart policy of an init container', podWithInitContainer({ restartPolicy: 'Sometimes' })],
  ['an init container with a probe', podWithInitContainer({ readinessProbe: { exec: { command: ['true'] } } })],
  [
    'an init container with a hook and probes',
    podWithInitContainer({ lifecycle: {}, livenessProbe: {}, startupProbe: {} }),
  ],
  [
    'a sidecar with a probe',
    podWithInitContainer({ restartPolicy: 'Always', readinessProbe: { exec: { command: ['true'] } } }),
  ],
  ['an init container of a main one’s name', podWithInitContainer({ name: 'main' })],
  [
    'a resize policy of an unknown resource',
    buildPodWithContainer({ resizePolicy: [{ resourceName: 'disk', restartPolicy: 'NotRequired' }] }),
  ],
  ['a command that is a text', buildPodWithContainer({ command: 'sleep 1' })],
]

export const handlerOffers: readonly Offer[] = [
  ['a probe without a handler', podWithReadinessProbe({ periodSeconds: 1 })],
  ['a probe with two handlers', podWithReadinessProbe({ exec: { command: ['true'] }, tcpSocket: { port: 80 } })],
  [
    'a probe with all handlers',
    podWithReadinessProbe({ grpc: { port: 80 }, tcpSocket: { port: 80 }, httpGet: { port: 80 }, exec: {} }),
  ],
  [
    'a probe with negative numbers',
    podWithReadinessProbe({
      tcpSocket: { port: 80 },
      initialDelaySeconds: -1,
      timeoutSeconds: -1,
      periodSeconds: -1,
      successThreshold: -1,
      failureThreshold: -1,
    }),
  ],
  [
    'a readiness probe with a grace period',
    podWithReadinessProbe({ tcpSocket: { port: 80 }, terminationGracePeriodSeconds: 1 }),
  ],
  [
    'a liveness probe with no grace period',
    buildPodWithContainer({ livenessProbe: { tcpSocket: { port: 80 }, terminationGracePeriodSeconds: 0 } }),
  ],
  [
    'a liveness probe that must succeed twice',
    buildPodWithContainer({ livenessProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } }),
  ],
  [
    'a startup probe that must succeed twice',
    buildPodWithContainer({ startupProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } }),
  ],
  ['a probe without a port', podWithReadinessProbe({ httpGet: { path: '/' } })],
  ['a probe of port 0', podWithReadinessProbe({ tcpSocket: { port: 0 } })],
  ['a probe of a malformed port name', podWithReadinessProbe({ httpGet: { port: '--' } })],
  ['a probe by an unknown scheme', podWithReadinessProbe({ httpGet: { port: 80, scheme: 'ftp' } })],
  [
    'a probe with a malformed header',
    podWithReadinessProbe({ httpGet: { port: 80, httpHeaders: [{ name: 'a b', value: 'x' }] } }),
  ],
  ['a gRPC probe of a port too high', podWithReadinessProbe({ grpc: { port: 65536 } })],
  ['a probe that runs nothing', podWithReadinessProbe({ exec: { command: [] } })],
  ['a probe’s port as a number in a text', podWithReadinessProbe({ httpGet: { port: '8080' } })],
  ['a hook without a handler', buildPodWithContainer({ lifecycle: { preStop: {} } })],
  [
    'a hook that sleeps longer than the grace period',
    buildPodWithContainer({ lifecycle: { preStop: { sleep: { seconds: 31 } } } }),
  ],
  [
    'a hook that sleeps for less than nothing',
    buildPodWithContainer({ lifecycle: { postStart: { sleep: { seconds: -1 } } } }),
  ],
  [
    'a hook that sleeps, with a negative grace period',
    buildPodWithContainer({ lifecycle: { preStop: { sleep: { seconds: 1 } } } }, { terminationGracePeriodSeconds: -1 }),
  ],
  [
    'a hook with two handlers',
    buildPodWithContainer({ lifecycle: { preStop: { exec: { command: ['true'] }, sleep: { seconds: 1 } } } }),
  ],
  ['a hook without a command', buildPodWithContainer({ lifecycle: { preStop: { exec: {} } } })],
  ['a stop signal without an operating system', buildPodWithContainer({ lifecycle: { stopSignal: 'SIGTERM' } })],
  [
    'an unknown stop signal',
    buildPodWithContainer({ lifecycle: { stopSignal: 'SIGNOTHING' } }, { os: { name: 'linux' } }),
  ],
  [
    'a stop signal in small letters',
    buildPodWithContainer({ lifecycle: { stopSignal: 'sigterm' } }, { os: { name: 'linux' } }),
  ],
]

export const securityOffers: readonly Offer[] = [
  ['a negative user', buildPodWithContainer({ securityContext: { runAsUser: -1 } })],
  ['a user that is too large', buildPodWithContainer({ securityContext: { runAsUser: 2 ** 31 } })],
  [
    'a negative group of the pod',
    buildPod({ securityContext: { runAsGroup: -1, fsGroup: -2, supplementalGroups: [1, -3] } }),
  ],
  [
    'privileges without escalation',
    buildPodWithContainer({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
  ],
  [
    'SYS_ADMIN without escalation',
    buildPodWithContainer({
      securityContext: { allowPrivilegeEscalation: false, capabilities: { add: ['CAP_SYS_ADMIN'] } },
    }),
  ],
  ['a seccomp profile without its type', buildPodWithContainer({ securityContext: { seccompProfile: {} } })],
  ['a seccomp profile of an unknown type', buildPod({ securityContext: { seccompProfile: { type: 'Some' } } })],
  [
    'a local seccomp profile without its file',
    buildPodWithContainer({ securityContext: { seccompProfile: { type: 'Localhost' } } }),
  ],
  ['an unknown kind of /proc', buildPodWithContainer({ securityContext: { procMount: 'Some' } })],
  ['an unknown policy for fsGroup', buildPod({ securityContext: { fsGroupChangePolicy: 'Some' } })],
  ['a malformed sysctl', buildPod({ securityContext: { sysctls: [{ name: 'a..b', value: '1' }] } })],
  ['a user who is not root, as a name', buildPodWithContainer({ securityContext: { runAsUser: 'nobody' } })],
]

const misspelt = { environment: [] }

export const typeOffers: readonly Offer[] = [
  ['a variable that is a number', buildPodWithContainer({ env: [{ name: 'A', value: 1 }] })],
  ['a variable that is true', buildPodWithContainer({ env: [{ name: 'A', value: true }] })],
  ['an argument that is a number', buildPodWithContainer({ args: ['-n', 3] })],
  ['a port that is a text', buildPodWithContainer({ ports: [{ containerPort: '80' }] })],
  ['a period that is a text', podWithReadinessProbe({ tcpSocket: { port: 80 }, periodSeconds: '1' })],
  ['a period of half seconds', podWithReadinessProbe({ tcpSocket: { port: 80 }, periodSeconds: 0.5 })],
  ['a probe of half a port', podWithReadinessProbe({ tcpSocket: { port: 80.5 } })],
  ['a grace period that is a text', buildPod({ terminationGracePeriodSeconds: '30s' })],
  ['containers that are no list', buildPod({ containers: { name: 'main' } })],
  ['a container that is a text', buildPod({ containers: ['main'] })],
  ['a spec that is a list', { ...buildPod({}), spec: [] }],
  ['an unknown field of a container', buildPod({ containers: [{ name: 'main', image: 'web:1', ...misspelt }] })],
  ['unknown fields in several places', buildPod({ volumes: [{ name: 'v', x: 1 }], ...misspelt })],
]
