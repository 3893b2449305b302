import { request } from 'node:https'
import { connect } from 'node:net'
import { AppsV1Api, AuthorizationV1Api, CoreV1Api, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import type { Deployment, KubeObject, Namespace, Service } from '../store/objects.ts'
import type { Status } from '../schema/status.ts'
import { createTestDeployment, createTestPod, startTestApi } from '../testing/test-api.ts'

const deployments = '/apis/apps/v1/namespaces/default/deployments'
const configMaps = '/api/v1/namespaces/default/configmaps'
const configMap = { metadata: { name: 'a' }, data: { x: '1' } }

test('API: 401 without the token, but health and version for anyone', async () => {
  await using api = await startTestApi()
  for (const authorization of ['', 'Bearer wrong', `Basic ${api.token}`, `Bearer ${api.token}x`]) {
    const { code, body } = await api.ask('/api/v1/pods', { headers: { authorization } })
    expect({ code, reason: body.reason, status: body.status }).toEqual({
      code: 401,
      reason: 'Unauthorized',
      status: 'Failure',
    })
  }
  for (const path of ['/healthz', '/livez', '/readyz']) {
    expect((await api.ask(path, { headers: { authorization: '' } })).text).toBe('ok')
  }
  const version = await api.ask<{ gitVersion: string }>('/version', { headers: { authorization: '' } })
  expect(version.body.gitVersion).toBe('v1.34.4+nodrop')
})

test('API: serves what @kubernetes/client-node asks for', async () => {
  await using api = await startTestApi()
  const apps = api.config.makeApiClient(AppsV1Api)
  const core = api.config.makeApiClient(CoreV1Api)
  const namespace = 'default'
  await core.createNamespace({ body: { metadata: { name: 'other' } } })
  expect((await core.listNamespace()).items.map((one) => one.metadata?.name)).toEqual([
    'default',
    'kube-system',
    'other',
  ])
  const created = await apps.createNamespacedDeployment({ namespace, body: createTestDeployment('web') as never })
  expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date)
  expect(created.spec?.strategy?.rollingUpdate?.maxSurge).toBe('25%')
  const scale = await apps.readNamespacedDeploymentScale({ name: 'web', namespace })
  await apps.replaceNamespacedDeploymentScale({
    name: 'web',
    namespace,
    body: Object.assign(scale, { spec: { replicas: 4 } }),
  })
  const patched = await apps.patchNamespacedDeployment(
    { name: 'web', namespace, body: { metadata: { annotations: { a: 'b' } } } },
    setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
  )
  expect(patched.spec?.replicas).toBe(4)
  // An object that was read can be written back unchanged, including dates.
  const back = await apps.replaceNamespacedDeployment({ name: 'web', namespace, body: patched })
  expect(back.metadata?.resourceVersion).toBe(patched.metadata?.resourceVersion)
  const review = { spec: { resourceAttributes: { verb: 'delete', resource: 'pods' } } }
  const answer = await api.config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({ body: review })
  expect(answer.status?.allowed).toBe(true)
  expect(await apps.deleteNamespacedDeployment({ name: 'web', namespace })).toMatchObject({ status: 'Success' })
})

test('API: fills in defaults and gives Services addresses', async () => {
  await using api = await startTestApi()
  const made = await api.ask<Deployment>(deployments, { method: 'POST', body: createTestDeployment('web') })
  expect(made.code).toBe(201)
  expect(made.body.spec).toMatchObject({ replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 })
  expect(made.body.spec?.template.spec).toMatchObject({
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    containers: [{ imagePullPolicy: 'IfNotPresent' }],
  })
  const services = '/api/v1/namespaces/default/services'
  const post = async (name: string, spec: Service['spec']) =>
    (await api.ask<Service & Status>(services, { method: 'POST', body: { metadata: { name }, spec } })).body
  const service = await post('web', { ports: [{ port: 80 }] })
  expect(service.spec?.clusterIP).toMatch(/^10\.96\.\d+\.\d+$/)
  expect(service.spec).toMatchObject({ type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] })
  expect((await post('headless', { clusterIP: 'None', ports: [] })).spec?.clusterIPs).toEqual(['None'])
  const again = await post('again', { ports: [{ port: 80 }], clusterIP: service.spec?.clusterIP ?? '' })
  expect(again.message).toContain('provided IP is already allocated')
})

test('API: a NodePort Service gets a port that it keeps', async () => {
  await using api = await startTestApi()
  const services = '/api/v1/namespaces/default/services'
  const post = async (name: string, spec: Service['spec']) =>
    (await api.ask<Service & Status>(services, { method: 'POST', body: { metadata: { name }, spec } })).body
  const service = await post('web', { type: 'NodePort', ports: [{ port: 80 }] })
  const port = service.spec?.ports?.[0]?.nodePort ?? 0
  expect(port).toBeGreaterThanOrEqual(30_000)
  expect(port).toBeLessThanOrEqual(32_767)
  expect(service.spec?.externalTrafficPolicy).toBe('Cluster')
  const merge = { 'content-type': 'application/merge-patch+json' }
  const patch = async (spec: Service['spec']) =>
    (await api.ask<Service>(`${services}/web`, { method: 'PATCH', headers: merge, body: { spec } })).body
  expect((await patch({ ports: [{ port: 80, targetPort: 8080 }] })).spec?.ports?.[0]?.nodePort).toBe(port)
  expect((await post('other', { type: 'NodePort', ports: [{ port: 80, nodePort: port }] })).message).toContain(
    `spec.ports[0].nodePort: Invalid value: ${port}: provided port is already allocated`,
  )
  expect((await post('low', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })).message).toContain(
    'provided port is not in the valid range. The range of valid ports is 30000-32767',
  )
  expect((await post('plain', { ports: [{ port: 80, nodePort: 30_001 }] })).message).toContain(
    "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
  )
  expect((await patch({ type: 'ClusterIP' })).spec?.ports?.[0]?.nodePort).toBeUndefined()
})

test('API: keeps status and spec apart', async () => {
  await using api = await startTestApi()
  await api.ask(deployments, { method: 'POST', body: { ...createTestDeployment('web'), status: { replicas: 9 } } })
  const merge = { 'content-type': 'application/merge-patch+json' }
  const both = { spec: { replicas: 5 }, status: { replicas: 3 } }
  const path = `${deployments}/web`
  const first = await api.ask<Deployment>(path, { method: 'PATCH', body: both, headers: merge })
  expect([first.body.spec?.replicas, first.body.status?.replicas]).toEqual([5, undefined])
  const more = { ...both, spec: { replicas: 7 } }
  const second = await api.ask<Deployment>(`${path}/status`, { method: 'PATCH', body: more, headers: merge })
  expect([second.body.spec?.replicas, second.body.status?.replicas]).toEqual([5, 3])
  const stale = { ...first.body, status: { replicas: 1 } }
  const refused = await api.ask<Status>(`${path}/status`, { method: 'PUT', body: stale })
  expect([refused.code, refused.body.reason]).toEqual([409, 'Conflict'])
})

test('API: refuses an update of an old version as a real API server does', async () => {
  await using api = await startTestApi()
  const { body: first } = await api.ask(configMaps, { method: 'POST', body: configMap })
  await api.ask(`${configMaps}/a`, { method: 'PUT', body: { ...first, data: { x: '2' } } })
  const { code, body } = await api.ask(`${configMaps}/a`, { method: 'PUT', body: { ...first, data: { x: '3' } } })
  expect(code).toBe(409)
  expect(body).toMatchObject({ reason: 'Conflict', details: { name: 'a', kind: 'configmaps' } })
  expect(body.message).toBe(
    'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
  )
})

test('API: a dry run changes nothing, whatever the verb', async () => {
  await using api = await startTestApi()
  const getRevision = (): number => api.store.revision
  await api.ask(configMaps, { method: 'POST', body: configMap })
  api.store.create('pods', createTestPod('p'))
  const before = getRevision()
  const merge = { 'content-type': 'application/merge-patch+json' }
  const replies = [
    await api.ask(`${configMaps}?dryRun=All`, { method: 'POST', body: { metadata: { name: 'b' } } }),
    await api.ask(`${configMaps}/a?dryRun=All`, { method: 'PUT', body: { ...configMap, data: {} } }),
    await api.ask(`${configMaps}/a?dryRun=All`, { method: 'PATCH', body: { data: { y: '1' } }, headers: merge }),
    await api.ask(`${configMaps}/a?dryRun=All`, { method: 'DELETE' }),
    await api.ask(`${configMaps}?dryRun=All`, { method: 'DELETE' }),
    await api.ask('/api/v1/namespaces/default/pods/p', { method: 'DELETE', body: { dryRun: ['All'] } }),
  ]
  expect(replies.map(({ code }) => code)).toEqual([201, 200, 200, 200, 200, 200])
  expect(getRevision()).toBe(before)
  const wrong = await api.ask(`${configMaps}?dryRun=Some`, { method: 'POST', body: configMap })
  expect(wrong.body.message).toContain('dryRun: Unsupported value: "Some": supported values: "All"')
})

test('API: bad input gets its status, and the server goes on', async () => {
  await using api = await startTestApi()
  const post = (body: string, headers = {}) => api.ask(configMaps, { method: 'POST', body, headers })
  const patch = (type: string) =>
    api.ask(`${configMaps}/a`, { method: 'PATCH', body: '{}', headers: { 'content-type': type } })
  const replies = {
    malformed: await post('{"metadata":'),
    notAnObject: await post('[1]'),
    empty: await api.ask(configMaps, { method: 'POST' }),
    tooLarge: await post(`{"data":{"x":"${'y'.repeat(3 * 1024 * 1024)}"}}`),
    deep: await post(`{"metadata":{"name":"d"},"data":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
    wrongType: await post('{"metadata":{"name":"a"},"data":{"x":1}}'),
    otherKind: await post('{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}'),
    otherVersion: await post('{"kind":"ConfigMap","apiVersion":"v2","metadata":{"name":"a"}}'),
    otherNamespace: await post('{"metadata":{"name":"a","namespace":"elsewhere"}}'),
    contentType: await post('a: b', { 'content-type': 'application/yaml' }),
    protobuf: await post('k8s\0', { 'content-type': 'application/vnd.kubernetes.protobuf' }),
    patchType: await patch('application/json'),
    apply: await patch('application/apply-patch+yaml'),
    method: await api.ask(configMaps, { method: 'PUT', body: configMap }),
    path: await api.ask('/apis/batch/v1/cronjobs'),
    encoding: await api.ask('/api/v1/namespaces/default/pods/%E0%A4%A'),
    selector: await api.ask('/api/v1/pods?labelSelector=a%20b%20c'),
    field: await api.ask('/api/v1/pods?fieldSelector=spec.x%3D1'),
    revision: await api.ask('/api/v1/pods?resourceVersion=new'),
    future: await api.ask('/api/v1/pods?resourceVersion=999999'),
    missing: await api.ask(`${configMaps}/nothing`),
    namespace: await api.ask('/api/v1/namespaces/nowhere/configmaps', { method: 'POST', body: configMap }),
    exec: await api.ask('/api/v1/namespaces/default/pods/a/exec?command=ls', { method: 'POST' }),
  }
  expect(Object.fromEntries(Object.entries(replies).map(([name, { code }]) => [name, code]))).toEqual({
    malformed: 400,
    notAnObject: 400,
    empty: 400,
    tooLarge: 413,
    deep: 400,
    wrongType: 400,
    otherKind: 400,
    otherVersion: 400,
    otherNamespace: 400,
    contentType: 415,
    protobuf: 415,
    patchType: 415,
    apply: 415,
    method: 405,
    path: 404,
    encoding: 400,
    selector: 400,
    field: 400,
    revision: 400,
    future: 504,
    missing: 404,
    namespace: 404,
    exec: 501,
  })
  for (const { body } of Object.values(replies)) expect(body).toMatchObject({ kind: 'Status', status: 'Failure' })
  expect(replies.field.body.message).toBe('field label not supported: spec.x')
  expect(replies.missing.body.message).toBe('configmaps "nothing" not found')
  expect(replies.wrongType.body.message).toBe(
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
  )
  expect((await api.ask('/healthz')).text).toBe('ok')
})

test('API: clients that speak no HTTP or stop midway block no others', async () => {
  await using api = await startTestApi()
  const port = Number(new URL(api.url).port)
  const garbage = connect(port, '127.0.0.1')
  garbage.on('error', () => undefined)
  garbage.write('this is no TLS\n')
  const half = request(`${api.url}${configMaps}`, {
    method: 'POST',
    ca: api.cert,
    headers: { authorization: `Bearer ${api.token}`, 'content-length': 100 },
  })
  half.on('error', () => undefined)
  half.write('{"meta')
  expect((await api.ask(configMaps)).code).toBe(200)
  half.destroy()
  garbage.destroy()
  expect((await api.ask(configMaps, { method: 'POST', body: configMap })).code).toBe(201)
})

test('API: unknown fields are dropped with a warning, or refused', async () => {
  await using api = await startTestApi()
  const body = { ...createTestDeployment('web'), spec: { ...createTestDeployment('web').spec, replica: 3 } }
  const loose = await api.ask<KubeObject>(deployments, { method: 'POST', body })
  expect(loose.headers['warning']).toBe(String.raw`299 - "unknown field \"spec.replica\""`)
  expect(JSON.stringify(loose.body)).not.toContain('"replica"')
  const strict = await api.ask(`${deployments}?fieldValidation=Strict`, { method: 'POST', body })
  expect(strict.body.message).toBe(
    'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.replica"',
  )
  const silent = await api.ask(`${deployments}/web?fieldValidation=Ignore`, { method: 'PUT', body })
  expect(silent.headers['warning']).toBeUndefined()
})

test('API: a terminating namespace takes nothing new', async () => {
  await using api = await startTestApi()
  await api.ask('/api/v1/namespaces', { method: 'POST', body: { metadata: { name: 'gone' } } })
  const { body } = await api.ask<Namespace>('/api/v1/namespaces/gone', { method: 'DELETE' })
  expect(body.status?.phase).toBe('Terminating')
  expect(body.metadata?.deletionTimestamp).toBeDefined()
  const refused = await api.ask('/api/v1/namespaces/gone/configmaps', { method: 'POST', body: configMap })
  expect(refused.code).toBe(403)
  expect(refused.body.message).toContain('because it is being terminated')
  const kept = await api.ask('/api/v1/namespaces/default', { method: 'DELETE' })
  expect(kept.body.message).toBe('namespaces "default" is forbidden: this namespace may not be deleted')
})

test('API: a port that is in use is reported', async () => {
  await using api = await startTestApi()
  const { startApi } = await import('./server.ts')
  const port = Number(new URL(api.url).port)
  const logs = { read: () => [] as never }
  const second = startApi({
    store: api.store,
    listen: { host: '127.0.0.1', port },
    tls: { key: '', cert: '' },
    token: 'x',
    logs,
  })
  await expect(second).rejects.toThrow(`Cannot serve the embedded cluster's API on 127.0.0.1:${port}`)
})
