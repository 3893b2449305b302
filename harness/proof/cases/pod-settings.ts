/** Settings that harden or adapt a pod: each is visible inside a container. */
import type { V1Container, V1PodSpec } from '@kubernetes/client-node'
import { pages } from './case.ts'
import type { Case, Observations, Topic } from './case.ts'
import { matchesPattern } from '../stage/expectation.ts'
import { buildContainer, findContainerStatus, createPod, buildPodSpec, waitLoop, waitForPod } from '../stage/pods.ts'
import type { CaseContext } from '../stage/case-context.ts'
import { followOutput } from '../refusals/container-output.ts'

interface OutputCase {
  name: string
  claim: string
  source: string
  /** The output of the container. */
  script: string
  expected: Case['expected'][string][]
  container?: Partial<V1Container>
  pod?: Partial<V1PodSpec>
  needsUsers?: true
}

/** A pod with one container, and its output. */
function buildOutputCase({ script, expected, container: more, pod, ...known }: OutputCase): Case {
  const observeCase = async (scene: CaseContext): Promise<Observations> => {
    const spec = buildPodSpec([buildContainer('main', `exec 2>&1\n${script}\necho over; ${waitLoop}`, more)], {
      terminationGracePeriodSeconds: 0,
      ...pod,
    })
    await createPod(scene, 'one', spec)
    const voice = followOutput(scene, 'one', 'main')
    await voice.waitForLine('over')
    return { said: voice.lines.map(({ text }) => text).filter((text) => text !== 'over') }
  }
  return { ...known, observe: observeCase, expected: { said: expected } }
}

const buildVolume = (name: string, source: object): NonNullable<V1PodSpec['volumes']> => [{ name, ...source }]
const mountedAtV = { volumeMounts: [{ name: 'v', mountPath: '/v' }] }

interface RefusalCase extends Pick<Case, 'name' | 'claim' | 'source'> {
  spec: Partial<V1PodSpec>
  message: RegExp
}

/** Sends a pod that the API server must refuse. */
function buildRefusalCase({ spec: more, message, ...known }: RefusalCase): Case {
  const observeCase = async ({ api, namespace }: CaseContext): Promise<Observations> => {
    const spec = buildPodSpec([buildContainer('main', waitLoop)], more)
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'one' }, spec }
    const path = `/api/v1/namespaces/${namespace}/pods`
    const { status, body } = await api.request({ method: 'POST', path, body: JSON.stringify(pod) })
    return { status, message: (JSON.parse(body) as { message?: string }).message ?? null }
  }
  return { ...known, observe: observeCase, expected: { status: 403, message: matchesPattern(message) } }
}

async function observeMissingTag(scene: CaseContext): Promise<Observations> {
  await createPod(scene, 'one', buildPodSpec([buildContainer('main', waitLoop, { image: 'nodrop/app:no-such-tag' })]))
  const readWaitingReason = (pod: Parameters<typeof findContainerStatus>[0]): string =>
    findContainerStatus(pod, 'main')?.state?.waiting?.reason ?? ''
  const { pod } = await waitForPod(scene, 'one', 'to fail', (pod) =>
    /^ErrImage|^ImagePull/.test(readWaitingReason(pod)),
  )
  return { reason: readWaitingReason(pod), phase: pod.status?.phase ?? null }
}

const security = 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/'
const reference = 'https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#securitycontext-v1-core'

export const podSettings: Topic = {
  topic: 'Settings of pods',
  cases: [
    buildOutputCase({
      name: 'read-only-root',
      claim: 'With readOnlyRootFilesystem nothing can be written but volumes.',
      source: reference,
      script:
        'for d in / /tmp /etc /usr /var/log; do touch $d/x 2>/dev/null && echo $d; done; touch /v/x && echo volume',
      container: { securityContext: { readOnlyRootFilesystem: true }, ...mountedAtV },
      pod: { volumes: buildVolume('v', { emptyDir: {} }) },
      expected: ['volume'],
    }),
    buildOutputCase({
      name: 'capabilities',
      claim: 'Dropping ALL leaves root no capability but those that are added.',
      source: `${security}#set-capabilities-for-a-container`,
      script: 'grep CapEff /proc/self/status',
      container: { securityContext: { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE', 'NET_ADMIN'] } } },
      expected: ['CapEff:\t0000000000001400'],
    }),
    buildOutputCase({
      name: 'user-of-container',
      claim: 'The runAsUser of a container goes before that of the pod, which goes before that of the image.',
      source: `${security}#set-the-security-context-for-a-container`,
      script: 'echo "$(id -u):$(id -g)"',
      container: { securityContext: { runAsUser: 2000 } },
      pod: { securityContext: { runAsUser: 1000, runAsGroup: 3000 } },
      expected: ['2000:3000'],
    }),
    buildOutputCase({
      name: 'user-of-image',
      claim:
        'Without a securityContext a container runs as the user of its image, and in group 0 whatever group that names.',
      source: `${security}#set-the-security-context-for-a-pod`,
      script: 'echo "$(id -u):$(id -g)"',
      pod: { securityContext: {} },
      expected: ['10001:0'],
    }),
    buildOutputCase({
      name: 'groups',
      claim:
        'Processes are in the fsGroup and the supplementalGroups; volumes and new files in them belong to the fsGroup.',
      source: `${security}#set-the-security-context-for-a-pod`,
      script: `id -G | tr ' ' '\\n' | sort -n | tr '\\n' ' '; echo; stat -c '%g' /v; touch /v/x; stat -c '%u:%g' /v/x`,
      container: mountedAtV,
      pod: {
        securityContext: { runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000, supplementalGroups: [4000] },
        volumes: buildVolume('v', { emptyDir: {} }),
      },
      expected: ['2000 3000 4000 ', '2000', '1000:2000'],
      needsUsers: true,
    }),
    buildOutputCase({
      name: 'no-privilege-escalation',
      claim: 'allowPrivilegeEscalation false sets no_new_privs.',
      source: reference,
      script: 'grep NoNewPrivs /proc/self/status',
      container: { securityContext: { allowPrivilegeEscalation: false } },
      expected: ['NoNewPrivs:\t1'],
    }),
    buildOutputCase({
      name: 'seccomp',
      claim: 'Under the seccomp profile RuntimeDefault system calls are filtered: no user namespace can be made.',
      source: 'https://kubernetes.io/docs/tutorials/security/seccomp/',
      script: 'grep Seccomp: /proc/self/status; unshare --user true',
      container: { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } },
      expected: ['Seccomp:\t2', 'unshare: unshare failed: Operation not permitted'],
    }),
    buildOutputCase({
      name: 'host-aliases',
      claim: 'hostAliases and the host name with its subdomain stand in /etc/hosts.',
      source: 'https://kubernetes.io/docs/tasks/network/customize-hosts-file-for-pods/',
      script: `hostname; getent hosts foo.local | tr -s ' '; getent hosts web | cut -d' ' -f2- | tr -s ' \\t' ' '`,
      pod: {
        hostname: 'web',
        subdomain: 'sub',
        hostAliases: [{ ip: '192.0.2.7', hostnames: ['foo.local', 'bar.local'] }],
      },
      expected: [
        'web',
        '192.0.2.7 foo.local bar.local',
        matchesPattern(/^ ?web\.sub\.[-a-z0-9]+\.svc\.cluster\.local web$/),
      ],
    }),
    buildOutputCase({
      name: 'volume-in-memory',
      claim: 'An emptyDir in memory is a tmpfs that holds as much as its sizeLimit.',
      source: 'https://kubernetes.io/docs/concepts/storage/volumes/#emptydir',
      script: `stat -f -c %T /v; head -c 1000000 /dev/zero >/v/x && echo fits
        head -c 100000 /dev/zero 2>/dev/null >/v/y || echo full`,
      container: mountedAtV,
      pod: { volumes: buildVolume('v', { emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }) },
      expected: ['tmpfs', 'fits', 'full'],
    }),
    buildOutputCase({
      name: 'sysctl',
      claim: 'Safe sysctls are set in the pod’s own namespaces.',
      source: 'https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/',
      script: 'cat /proc/sys/net/ipv4/ip_local_port_range /proc/sys/net/ipv4/tcp_fin_timeout',
      pod: {
        securityContext: {
          runAsUser: 0,
          sysctls: [
            { name: 'net.ipv4.ip_local_port_range', value: '20000 20010' },
            { name: 'net.ipv4.tcp_fin_timeout', value: '17' },
          ],
        },
      },
      expected: ['20000\t20010', '17'],
    }),
    buildRefusalCase({
      name: 'service-account-missing',
      claim: 'A pod of a ServiceAccount that is not there is refused.',
      source: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/',
      spec: { serviceAccountName: 'no-such' },
      message:
        /^pods "one" is forbidden: error looking up service account \S+\/no-such: serviceaccount "no-such" not found$/,
    }),
    buildRefusalCase({
      name: 'priority-class-missing',
      claim: 'A pod of a PriorityClass that is not there is refused.',
      source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#pod-priority',
      spec: { priorityClassName: 'no-such' },
      message: /^pods "one" is forbidden: no PriorityClass with name no-such was found$/,
    }),
    {
      name: 'image-tag-missing',
      claim: 'A pod whose image has no such tag waits with ErrImagePull.',
      source: pages.images,
      observe: observeMissingTag,
      expected: { reason: matchesPattern(/^(ErrImagePull|ImagePullBackOff)$/), phase: 'Pending' },
    },
  ],
}
