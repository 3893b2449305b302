/** Containers, as in refused-values.ts. */
import { containerWith, podWith } from './offer.ts'
import type { Manifest, Offer } from './offer.ts'

const readiness = (probe: object): Manifest => containerWith({ readinessProbe: probe })
const init = (container: object): Manifest => podWith({ initContainers: [{ name: 'init', image: 'x', ...container }] })

export const containerOffers: readonly Offer[] = [
  ['a pod without containers', podWith({ containers: [] })],
  ['a container without a name', containerWith({ name: '' })],
  ['a container with a malformed name', containerWith({ name: 'Main_1' })],
  ['a container without an image', containerWith({ image: '' })],
  ['an image with spaces around', containerWith({ image: ' web:1 ' })],
  [
    'two containers of one name',
    podWith({
      containers: [
        { name: 'a', image: 'x' },
        { name: 'a', image: 'y' },
      ],
    }),
  ],
  ['an unknown pull policy', containerWith({ imagePullPolicy: 'Sometimes' })],
  ['an unknown policy for the termination message', containerWith({ terminationMessagePolicy: 'Log' })],
  ['a port of 0', containerWith({ ports: [{ containerPort: 0 }] })],
  ['a port that is too high', containerWith({ ports: [{ containerPort: 65536, hostPort: 70000 }] })],
  ['a malformed name of a port', containerWith({ ports: [{ containerPort: 80, name: 'Not--a-port-at-all-' }] })],
  [
    'two ports of one name',
    containerWith({
      ports: [
        { containerPort: 80, name: 'a' },
        { containerPort: 81, name: 'a' },
      ],
    }),
  ],
  ['an unknown protocol', containerWith({ ports: [{ containerPort: 80, protocol: 'HTTP' }] })],
  [
    'one port of the host twice',
    containerWith({
      ports: [
        { containerPort: 80, hostPort: 80 },
        { containerPort: 81, hostPort: 80 },
      ],
    }),
  ],
  [
    'the host’s network with other ports',
    containerWith({ ports: [{ containerPort: 80, hostPort: 81 }] }, { hostNetwork: true }),
  ],
  ['a restart policy of a main container', containerWith({ restartPolicy: 'Always' })],
  ['an unknown restart policy of an init container', init({ restartPolicy: 'Sometimes' })],
  ['an init container with a probe', init({ readinessProbe: { exec: { command: ['true'] } } })],
  ['an init container with a hook and probes', init({ lifecycle: {}, livenessProbe: {}, startupProbe: {} })],
  ['a sidecar with a probe', init({ restartPolicy: 'Always', readinessProbe: { exec: { command: ['true'] } } })],
  ['an init container of a main one’s name', init({ name: 'main' })],
  [
    'a resize policy of an unknown resource',
    containerWith({ resizePolicy: [{ resourceName: 'disk', restartPolicy: 'NotRequired' }] }),
  ],
  ['a command that is a text', containerWith({ command: 'sleep 1' })],
]

export const handlerOffers: readonly Offer[] = [
  ['a probe without a handler', readiness({ periodSeconds: 1 })],
  ['a probe with two handlers', readiness({ exec: { command: ['true'] }, tcpSocket: { port: 80 } })],
  [
    'a probe with all handlers',
    readiness({ grpc: { port: 80 }, tcpSocket: { port: 80 }, httpGet: { port: 80 }, exec: {} }),
  ],
  [
    'a probe with negative numbers',
    readiness({
      tcpSocket: { port: 80 },
      initialDelaySeconds: -1,
      timeoutSeconds: -1,
      periodSeconds: -1,
      successThreshold: -1,
      failureThreshold: -1,
    }),
  ],
  ['a readiness probe with a grace period', readiness({ tcpSocket: { port: 80 }, terminationGracePeriodSeconds: 1 })],
  [
    'a liveness probe with no grace period',
    containerWith({ livenessProbe: { tcpSocket: { port: 80 }, terminationGracePeriodSeconds: 0 } }),
  ],
  [
    'a liveness probe that must succeed twice',
    containerWith({ livenessProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } }),
  ],
  [
    'a startup probe that must succeed twice',
    containerWith({ startupProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } }),
  ],
  ['a probe without a port', readiness({ httpGet: { path: '/' } })],
  ['a probe of port 0', readiness({ tcpSocket: { port: 0 } })],
  ['a probe of a malformed port name', readiness({ httpGet: { port: '--' } })],
  ['a probe by an unknown scheme', readiness({ httpGet: { port: 80, scheme: 'ftp' } })],
  ['a probe with a malformed header', readiness({ httpGet: { port: 80, httpHeaders: [{ name: 'a b', value: 'x' }] } })],
  ['a gRPC probe of a port too high', readiness({ grpc: { port: 65536 } })],
  ['a probe that runs nothing', readiness({ exec: { command: [] } })],
  ['a probe’s port as a number in a text', readiness({ httpGet: { port: '8080' } })],
  ['a hook without a handler', containerWith({ lifecycle: { preStop: {} } })],
  [
    'a hook that sleeps longer than the grace period',
    containerWith({ lifecycle: { preStop: { sleep: { seconds: 31 } } } }),
  ],
  ['a hook that sleeps for less than nothing', containerWith({ lifecycle: { postStart: { sleep: { seconds: -1 } } } })],
  [
    'a hook that sleeps, with a negative grace period',
    containerWith({ lifecycle: { preStop: { sleep: { seconds: 1 } } } }, { terminationGracePeriodSeconds: -1 }),
  ],
  [
    'a hook with two handlers',
    containerWith({ lifecycle: { preStop: { exec: { command: ['true'] }, sleep: { seconds: 1 } } } }),
  ],
  ['a hook without a command', containerWith({ lifecycle: { preStop: { exec: {} } } })],
  ['a stop signal without an operating system', containerWith({ lifecycle: { stopSignal: 'SIGTERM' } })],
  ['an unknown stop signal', containerWith({ lifecycle: { stopSignal: 'SIGNOTHING' } }, { os: { name: 'linux' } })],
  [
    'a stop signal in small letters',
    containerWith({ lifecycle: { stopSignal: 'sigterm' } }, { os: { name: 'linux' } }),
  ],
]

export const securityOffers: readonly Offer[] = [
  ['a negative user', containerWith({ securityContext: { runAsUser: -1 } })],
  ['a user that is too large', containerWith({ securityContext: { runAsUser: 2 ** 31 } })],
  [
    'a negative group of the pod',
    podWith({ securityContext: { runAsGroup: -1, fsGroup: -2, supplementalGroups: [1, -3] } }),
  ],
  [
    'privileges without escalation',
    containerWith({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
  ],
  [
    'SYS_ADMIN without escalation',
    containerWith({ securityContext: { allowPrivilegeEscalation: false, capabilities: { add: ['CAP_SYS_ADMIN'] } } }),
  ],
  ['a seccomp profile without its type', containerWith({ securityContext: { seccompProfile: {} } })],
  ['a seccomp profile of an unknown type', podWith({ securityContext: { seccompProfile: { type: 'Some' } } })],
  [
    'a local seccomp profile without its file',
    containerWith({ securityContext: { seccompProfile: { type: 'Localhost' } } }),
  ],
  ['an unknown kind of /proc', containerWith({ securityContext: { procMount: 'Some' } })],
  ['an unknown policy for fsGroup', podWith({ securityContext: { fsGroupChangePolicy: 'Some' } })],
  ['a malformed sysctl', podWith({ securityContext: { sysctls: [{ name: 'a..b', value: '1' }] } })],
  ['a user who is not root, as a name', containerWith({ securityContext: { runAsUser: 'nobody' } })],
]

const misspelt = { environment: [] }

export const typeOffers: readonly Offer[] = [
  ['a variable that is a number', containerWith({ env: [{ name: 'A', value: 1 }] })],
  ['a variable that is true', containerWith({ env: [{ name: 'A', value: true }] })],
  ['an argument that is a number', containerWith({ args: ['-n', 3] })],
  ['a port that is a text', containerWith({ ports: [{ containerPort: '80' }] })],
  ['a period that is a text', readiness({ tcpSocket: { port: 80 }, periodSeconds: '1' })],
  ['a period of half seconds', readiness({ tcpSocket: { port: 80 }, periodSeconds: 0.5 })],
  ['a probe of half a port', readiness({ tcpSocket: { port: 80.5 } })],
  ['a grace period that is a text', podWith({ terminationGracePeriodSeconds: '30s' })],
  ['containers that are no list', podWith({ containers: { name: 'main' } })],
  ['a container that is a text', podWith({ containers: ['main'] })],
  ['a spec that is a list', { ...podWith({}), spec: [] }],
  ['an unknown field of a container', podWith({ containers: [{ name: 'main', image: 'web:1', ...misspelt }] })],
  ['unknown fields in several places', podWith({ volumes: [{ name: 'v', x: 1 }], ...misspelt })],
]
