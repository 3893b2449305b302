import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findKubectlProblem } from '../../testing/kubectl.ts'
import { createTestDeployment, createTestPod, startTestApi } from '../testing/test-api.ts'
import type { TestApi } from '../testing/test-api.ts'

// By its name, wherever it is installed.
const command = 'kubectl'
const kubectlProblem = findKubectlProblem()
const found = kubectlProblem === null
if (!found) console.warn(`${kubectlProblem}: the tests with kubectl are skipped`)

/** kubectl with its own home and kubeconfig. */
async function createKubectl(api: TestApi) {
  const home = await mkdtemp(join(tmpdir(), 'nodrop-kubectl-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const file = join(home, 'kubeconfig')
  await writeFile(file, api.kubeconfig, { mode: 0o600 })
  const environment = { PATH: process.env['PATH'] ?? '', HOME: home, KUBECONFIG: file }
  const startKubectl = (line: string) => spawn(command, line.split(' '), { env: environment })
  const runKubectl = async (line: string, input = ''): Promise<string> => {
    const child = startKubectl(line)
    child.stdin.end(input)
    const [out, errors] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()])
    return Buffer.concat([...(out as Buffer[]), ...(errors as Buffer[])]).toString()
  }
  return Object.assign(runKubectl, { start: startKubectl })
}

const createManifest = (replicas: number, image = 'web:1'): string => {
  const deployment = createTestDeployment('web', { replicas })
  Object.assign(deployment.spec?.template.spec?.containers[0] ?? {}, { image })
  return JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', ...deployment })
}

test.skipIf(!found)('kubectl: creates, applies, scales, restarts, labels, patches, deletes', async () => {
  await using api = await startTestApi()
  const kubectl = await createKubectl(api)
  expect(await kubectl('apply -f -', createManifest(2))).toBe('deployment.apps/web created\n')
  expect(await kubectl('apply -f -', createManifest(2))).toBe('deployment.apps/web unchanged\n')
  expect(await kubectl('diff -f -', createManifest(2))).toBe('')
  expect(await kubectl('apply -f -', createManifest(3, 'web:2'))).toBe('deployment.apps/web configured\n')
  expect(await kubectl('scale deploy web --replicas=5')).toBe('deployment.apps/web scaled\n')
  expect(await kubectl('rollout restart deploy/web')).toBe('deployment.apps/web restarted\n')
  expect(await kubectl('annotate deploy web a=b')).toBe('deployment.apps/web annotated\n')
  // apply leaves unmanaged fields alone: lists merge by the keys of their elements.
  expect(await kubectl('set env deploy/web E=1')).toBe('deployment.apps/web env updated\n')
  expect(await kubectl('apply -f -', createManifest(3, 'web:2'))).toBe('deployment.apps/web configured\n')
  expect(await kubectl('scale deploy web --replicas=5')).toBe('deployment.apps/web scaled\n')
  expect(await kubectl('label deploy web c=d')).toBe('deployment.apps/web labeled\n')
  expect(await kubectl('patch deploy web -p {"spec":{"minReadySeconds":4}}')).toBe('deployment.apps/web patched\n')
  const { metadata, spec } = api.store.read('deployments', 'web', 'default')
  expect(metadata).toMatchObject({ annotations: { a: 'b' }, labels: { c: 'd' } })
  expect(spec).toMatchObject({ replicas: 5, minReadySeconds: 4 })
  expect(spec?.template.spec?.containers[0]).toMatchObject({ image: 'web:2', env: [{ name: 'E', value: '1' }] })
  expect(spec?.template.metadata?.annotations).toHaveProperty(['kubectl.kubernetes.io/restartedAt'])
  expect(await kubectl('scale deploy web --replicas=-1')).toContain('must be greater than or equal to 0')
  expect(await kubectl('apply -f -', createManifest(-1))).toContain(
    'The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  )
  expect(await kubectl('apply -f -', createManifest(1).replace('"replicas"', '"replica"'))).toContain(
    'unknown field "spec.replica"',
  )
  expect(await kubectl('delete deploy web')).toMatch(/^deployment.apps "web" deleted(?: from default namespace)?\n$/)
  expect(await kubectl('get all')).toBe('No resources found in default namespace.\n')
})

test.skipIf(!found)('kubectl: shows, describes, follows and waits', async () => {
  await using api = await startTestApi({
    async *read({ container }) {
      await Promise.resolve()
      yield `log of ${container ?? ''}\n`
    },
  })
  const kubectl = await createKubectl(api)
  const pod = api.store.create('pods', createTestPod('web-1', { labels: { app: 'web' }, status: { phase: 'Running' } }))
  api.store.create('events', {
    metadata: { name: 'web-1.x', namespace: 'default' },
    involvedObject: { kind: 'Pod', name: 'web-1', namespace: 'default', uid: pod.metadata.uid },
    reason: 'Killing',
    message: 'Stopping container main',
    type: 'Normal',
    lastTimestamp: new Date().toISOString(),
  })
  expect(await kubectl('get pods')).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE\nweb-1 +0\/1 +Running +0 +\d+s\n$/)
  expect(await kubectl('get pods -o wide')).toContain('NOMINATED NODE   READINESS GATES')
  expect(await kubectl('get events')).toMatch(
    /LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n\d+s +Normal +Killing +pod\/web-1/,
  )
  expect(await kubectl('describe pod web-1')).toContain('Stopping container main')
  expect(await kubectl('logs web-1')).toBe('log of main\n')
  expect(await kubectl('logs -l app=web --tail=5')).toBe('log of main\n')
  const watching = kubectl.start('get pods -w')
  let shown = ''
  for await (const text of watching.stdout.setEncoding('utf8') as AsyncIterable<string>) {
    if (shown === '') await api.ask('/api/v1/namespaces/default/pods/web-1', { method: 'DELETE' })
    shown += text
    if (shown.includes('Terminating')) break
  }
  watching.kill()
  // Without a second header, and the pod before and after.
  expect(shown.replaceAll(/ +/g, ' ')).toMatch(
    /^NAME READY STATUS RESTARTS AGE\nweb-1 0\/1 Running 0 \d+s ?\nweb-1 0\/1 Terminating/,
  )
  const ready = kubectl('wait pod/web-1 --for=condition=Ready --timeout=10s')
  api.store.modify('pods', 'web-1', 'default', (draft) => {
    draft.status = { ...draft.status, conditions: [{ type: 'Ready', status: 'True' }] }
  })
  expect(await ready).toBe('pod/web-1 condition met\n')
  expect(await kubectl('delete pod web-1 --grace-period=0 --force')).toContain('force deleted')
})

test.skipIf(!found)('kubectl: speaks protobuf where it insists', async () => {
  await using api = await startTestApi()
  const kubectl = await createKubectl(api)
  expect(await kubectl('create namespace other')).toBe('namespace/other created\n')
  expect(await kubectl('create configmap a --from-literal=x=1 --from-literal=empty= -n other')).toBe(
    'configmap/a created\n',
  )
  expect(api.store.read('configmaps', 'a', 'other').data).toEqual({ x: '1', empty: '' })
  expect(await kubectl('auth can-i delete pods')).toBe('yes\n')
  expect(await kubectl('create deployment web --image=web:1 --replicas=0 --port=8080')).toBe(
    'deployment.apps/web created\n',
  )
  const { metadata, spec } = api.store.read('deployments', 'web', 'default')
  expect(metadata.labels).toEqual({ app: 'web' })
  expect(spec).toMatchObject({ replicas: 0, selector: { matchLabels: { app: 'web' } } })
  expect(spec?.template.spec?.containers).toMatchObject([
    { name: 'web', image: 'web:1', ports: [{ containerPort: 8080, protocol: 'TCP' }] },
  ])
  expect(await kubectl('create job once --image=web:1 -- sleep 1')).toBe('job.batch/once created\n')
  const job = api.store.read('jobs', 'once', 'default')
  expect(job.spec?.template.spec).toMatchObject({ restartPolicy: 'Never', containers: [{ command: ['sleep', '1'] }] })
  expect(await kubectl('create service clusterip web --tcp=80:8080')).toBe('service/web created\n')
  expect(await kubectl('create service nodeport other --tcp=80')).toBe('service/other created\n')
  const ports = ['web', 'other'].map((name) => api.store.read('services', name, 'default').spec?.ports?.[0]?.targetPort)
  expect(ports).toEqual([8080, 80])
  expect(await kubectl('create poddisruptionbudget web --selector=app=web --max-unavailable=0')).toBe(
    'poddisruptionbudget.policy/web created\n',
  )
  expect(api.store.read('poddisruptionbudgets', 'web', 'default').spec?.maxUnavailable).toBe(0)
  expect(await kubectl('run one --image=web:1')).toBe('pod/one created\n')
  expect(await kubectl('expose deployment web --name=exposed --port=80')).toBe('service/exposed exposed\n')
  expect(await kubectl('create deployment web --image=web:1')).toBe(
    'error: failed to create deployment: deployments.apps "web" already exists\n',
  )
  expect(await kubectl('create deployment dry --image=web:1 --dry-run=server')).toContain('created (server dry run)')
  expect(api.store.get('deployments', 'dry', 'default')).toBeUndefined()
  api.store.create('nodes', { metadata: { name: 'node-1' } })
  api.store.create('pods', createTestPod('p', { status: { phase: 'Running' } }))
  using _kubelet = api.store.watch('pods', ({ object }) => {
    if (object.metadata.deletionGracePeriodSeconds === 3) {
      setTimeout(() => api.store.get('pods', 'p', 'default') && api.store.remove('pods', 'p', 'default'), 10)
    }
  })
  expect(await kubectl('drain node-1 --force --grace-period=3')).toContain('node/node-1 drained')
  expect(api.store.read('nodes', 'node-1').spec?.unschedulable).toBe(true)
  expect(api.store.list('pods').map((pod) => pod.metadata.name)).toEqual(['one'])
})

test.skipIf(!found)('kubectl: a kind that does not exist is reported as anywhere', async () => {
  await using api = await startTestApi()
  const kubectl = await createKubectl(api)
  const foreign = JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } })
  expect(await kubectl('apply -f -', foreign)).toBe(
    'error: resource mapping not found for name: "w" namespace: "" from "STDIN": no matches for kind "Widget" in version ' +
      '"example.com/v1"\nensure CRDs are installed first\n',
  )
  expect(await kubectl('get widgets')).toBe('error: the server doesn\'t have a resource type "widgets"\n')
  expect(await kubectl('create role r --verb=get --resource=pods')).toContain('the server could not find the requested')
})

test.skipIf(!found)('kubectl: follows a rollout, and waits for a deleted pod', async () => {
  await using api = await startTestApi()
  const kubectl = await createKubectl(api)
  api.store.create('deployments', createTestDeployment('web', { replicas: 1 }))
  const rollout = kubectl('rollout status deploy/web --timeout=20s')
  setTimeout(() => {
    api.store.modify('deployments', 'web', 'default', (draft) => {
      const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 }
      draft.status = { observedGeneration: 1, ...counts }
    })
  }, 300)
  expect(await rollout).toContain('deployment "web" successfully rolled out')
  api.store.create(
    'pods',
    createTestPod('p', { spec: { nodeName: 'n', terminationGracePeriodSeconds: 9, containers: [] } }),
  )
  using _kubelet = api.store.watch('pods', ({ type, object }) => {
    if (type === 'MODIFIED') setTimeout(() => api.store.remove('pods', object.metadata.name, 'default'), 100)
  })
  expect(await kubectl('delete pod p')).toMatch(/^pod "p" deleted(?: from default namespace)?\n$/)
  expect(api.store.list('pods')).toEqual([])
})
