import { expect, test } from 'vitest'
import type { ContainerStatus, Job, Pod } from '../store/objects.ts'
import { formatHumanDuration } from './human-duration.ts'
import { Store } from '../store/store.ts'
import { podTable } from './pod-table.ts'
import { jobTable } from './workload-tables.ts'
import { startTestApi } from '../testing/test-api.ts'

type States = Partial<ContainerStatus>[]

function formatPodRow(
  states: States,
  more: { init?: States; phase?: string; deleting?: boolean; sidecar?: boolean } = {},
) {
  const { init = [], phase = 'Running', deleting = false, sidecar = false } = more
  const toNamedStatuses = (list: States) =>
    list.map((one, i) => ({ name: `c${i}`, image: 'x', imageID: '', ready: false, restartCount: 0, ...one }))
  const createContainer = (_: unknown, i: number) => ({ name: `c${i}`, image: 'x' })
  const pod: Pod = {
    metadata: { name: 'p', namespace: 'default', ...(deleting && { deletionTimestamp: '2026-01-01T00:00:00Z' }) },
    spec: {
      containers: states.map(createContainer),
      initContainers: init.map((one, i) => ({
        ...createContainer(one, i),
        ...(sidecar && { restartPolicy: 'Always' }),
      })),
    },
    status: { phase, containerStatuses: toNamedStatuses(states), initContainerStatuses: toNamedStatuses(init) },
  }
  return podTable.cells(new Store().create('pods', pod)).slice(1, 4)
}

const up = { ready: true, started: true, state: { running: {} } }
const createWaitingState = (reason: string) => ({ state: { waiting: { reason } } })
const createTerminatedState = (exitCode: number, reason = '', signal = 0) => ({
  state: { terminated: { exitCode, reason, signal } },
})

test('Tables: shows a pod as the API server prints it', () => {
  expect(formatPodRow([up, up])).toEqual(['2/2', 'Running', '0'])
  expect(formatPodRow([up, up], { deleting: true })).toEqual(['2/2', 'Terminating', '0'])
  expect(formatPodRow([createTerminatedState(0, 'Completed')], { phase: 'Succeeded', deleting: true })).toEqual([
    '0/1',
    'Completed',
    '0',
  ])
  expect(formatPodRow([createWaitingState('ContainerCreating')], { phase: 'Pending' })).toEqual([
    '0/1',
    'ContainerCreating',
    '0',
  ])
  expect(formatPodRow([{ ...createWaitingState('CrashLoopBackOff'), restartCount: 3 }, up])).toEqual([
    '1/2',
    'CrashLoopBackOff',
    '3',
  ])
  expect(formatPodRow([createTerminatedState(137)])).toEqual(['0/1', 'ExitCode:137', '0'])
  expect(formatPodRow([createTerminatedState(0, '', 9)])).toEqual(['0/1', 'Signal:9', '0'])
  expect(formatPodRow([up, createTerminatedState(0, 'Completed')])).toEqual(['1/2', 'NotReady', '0'])
})

test('Tables: shows init containers and sidecars while they hold the pod up', () => {
  const blocked = createWaitingState('PodInitializing')
  const pending = { phase: 'Pending' }
  expect(formatPodRow([blocked], { ...pending, init: [up, blocked] })).toEqual(['0/1', 'Init:0/2', '0'])
  expect(formatPodRow([blocked], { ...pending, init: [createTerminatedState(0, 'Completed'), up] })).toEqual([
    '0/1',
    'Init:1/2',
    '0',
  ])
  expect(formatPodRow([blocked], { ...pending, init: [createTerminatedState(1, 'Error')] })).toEqual([
    '0/1',
    'Init:Error',
    '0',
  ])
  expect(formatPodRow([blocked], { ...pending, init: [createTerminatedState(3)] })).toEqual([
    '0/1',
    'Init:ExitCode:3',
    '0',
  ])
  expect(formatPodRow([blocked], { ...pending, init: [createWaitingState('CrashLoopBackOff')] })[1]).toBe(
    'Init:CrashLoopBackOff',
  )
  expect(formatPodRow([up], { init: [up], sidecar: true })).toEqual(['2/2', 'Running', '0'])
})

test('Tables: shows the time of the last restart', () => {
  const finishedAt = new Date(Date.now() - 5_000).toISOString()
  const restarted = { ...up, restartCount: 2, lastState: { terminated: { exitCode: 1, finishedAt } } }
  expect(formatPodRow([restarted])[2]).toMatch(/^2 \([56]s ago\)$/)
})

test('Tables: shows how far a Job has come, and how it ended', () => {
  const startTime = new Date(Date.now() - 65_000).toISOString()
  const formatJobRow = (spec: Partial<NonNullable<Job['spec']>>, status: Job['status'] = {}) => {
    const template = { spec: { containers: [] } }
    const job = new Store().create('jobs', { metadata: { name: 'j' }, spec: { template, ...spec }, status })
    return jobTable.cells(job).slice(1, 4)
  }
  const createConditions = (type: string) => ({ conditions: [{ type, status: 'True' }] })
  expect(formatJobRow({ completions: 3 })).toEqual(['Running', '0/3', ''])
  expect(formatJobRow({ completions: 3 }, { succeeded: 2, startTime })).toEqual(['Running', '2/3', '65s'])
  expect(formatJobRow({ parallelism: 4 }, createConditions('FailureTarget'))).toEqual(['FailureTarget', '0/1 of 4', ''])
  expect(formatJobRow({ parallelism: 1 }, createConditions('Failed'))[0]).toBe('Failed')
  const completionTime = new Date(Date.parse(startTime) + 5_000).toISOString()
  const done = { ...createConditions('Complete'), succeeded: 1, startTime, completionTime }
  expect(formatJobRow({ completions: 1 }, done)).toEqual(['Complete', '1/1', '5s'])
})

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000]
test.each([
  [-5 * second, '<invalid>'],
  [0, '0s'],
  [119 * second, '119s'],
  [2 * minute, '2m'],
  [2 * minute + 5 * second, '2m5s'],
  [12 * minute + 5 * second, '12m'],
  [3 * hour, '3h'],
  [3 * hour + 20 * minute, '3h20m'],
  [10 * hour + 20 * minute, '10h'],
  [3 * day, '3d'],
  [3 * day + 2 * hour, '3d2h'],
  [100 * day, '100d'],
  [800 * day, '2y70d'],
  [3_000 * day, '8y'],
])('Tables: shows %d ms as %s', (ms, text) => {
  expect(formatHumanDuration(ms)).toBe(text)
})

interface TableBody {
  columnDefinitions: { name: string; priority: number }[]
  rows: { cells: unknown[]; object: unknown }[]
}

test('Tables: every kind has as many cells as columns', async () => {
  await using api = await startTestApi()
  const { store } = api
  const metadata = { name: 'x', namespace: 'default' }
  store.create('nodes', { metadata: { name: 'n', labels: { 'node-role.kubernetes.io/control-plane': '' } } })
  store.create('pods', { metadata })
  store.create('services', {
    metadata,
    spec: { clusterIP: '10.96.0.10', ports: [{ port: 80 }], selector: { app: 'x' } },
  })
  store.create('configmaps', { metadata, data: { a: '' } })
  store.create('events', { metadata, involvedObject: { kind: 'Pod', name: 'x' }, message: 'hello' })
  store.create('deployments', { metadata })
  store.create('replicasets', { metadata })
  store.create('jobs', { metadata })
  store.create('poddisruptionbudgets', { metadata, spec: { maxUnavailable: 1 } })
  const endpoints = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'].map((ip) => ({ addresses: [ip] }))
  store.create('endpointslices', { metadata, addressType: 'IPv4', endpoints, ports: [{ port: 80 }] })
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
  const readTable = async (path: string) => (await api.ask<TableBody>(path, { headers: { accept } })).body
  const core = ['namespaces', 'nodes', 'pods', 'services', 'configmaps', 'events'].map((plural) => `/api/v1/${plural}`)
  const apps = ['deployments', 'replicasets'].map((plural) => `/apis/apps/v1/${plural}`)
  const others = [
    '/apis/policy/v1/poddisruptionbudgets',
    '/apis/batch/v1/jobs',
    '/apis/discovery.k8s.io/v1/endpointslices',
  ]
  for (const path of [...core, ...apps, ...others]) {
    const { columnDefinitions, rows } = await readTable(path)
    expect(rows.length).toBeGreaterThan(0)
    for (const { cells } of rows) expect(cells).toHaveLength(columnDefinitions.length)
  }
  const slices = await readTable(others[2] ?? '')
  expect(slices.rows[0]?.cells.slice(1, 4)).toEqual(['IPv4', '80', '10.0.0.1,10.0.0.2,10.0.0.3 + 1 more...'])
  expect(slices.rows[0]?.object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'x' } })
  expect((await readTable('/api/v1/pods?includeObject=None')).rows[0]?.object).toBeNull()
  expect((await readTable('/api/v1/pods?includeObject=Object')).rows[0]?.object).toMatchObject({ kind: 'Pod' })
  expect((await readTable('/api/v1/nodes')).rows[0]?.cells.slice(0, 3)).toEqual(['n', 'Unknown', 'control-plane'])
})
