/**
 * Server-side tables, which `kubectl get` prints:
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */
import type { IncomingMessage } from 'node:http'
import type { KubeObject, Kinds, Plural, Stored } from '../store/objects.ts'
import type { Call } from '../api/call.ts'
import {
  budgetTable,
  configMapTable,
  endpointSliceTable,
  eventTable,
  namespaceTable,
  nodeTable,
  serviceTable,
} from './cluster-tables.ts'
import type { Cell, Column, Printer } from './table-column.ts'
import { podTable } from './pod-table.ts'
import { deploymentTable, jobTable, replicaSetTable } from './workload-tables.ts'

const printers: { [P in Plural]: Printer<Stored<Kinds[P]>> } = {
  pods: podTable,
  deployments: deploymentTable,
  replicasets: replicaSetTable,
  jobs: jobTable,
  services: serviceTable,
  endpointslices: endpointSliceTable,
  namespaces: namespaceTable,
  nodes: nodeTable,
  configmaps: configMapTable,
  poddisruptionbudgets: budgetTable,
  events: eventTable,
}

interface Table {
  kind: 'Table'
  apiVersion: 'meta.k8s.io/v1'
  metadata: { resourceVersion?: string }
  columnDefinitions: Column[]
  rows: { cells: Cell[]; object: object | null }[]
}

/** Whether the first media type of Accept that this API can answer is a table. */
export function wantsTable(request: IncomingMessage): boolean {
  for (const range of (request.headers.accept ?? '').split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue
    const as = parameters.find((parameter) => parameter.startsWith('as='))
    if (as === undefined) return false
    if (as === 'as=table' && parameters.includes('g=meta.k8s.io')) return true
  }
  return false
}

export function createTable(call: Call, objects: Stored<KubeObject>[]): Table {
  const printer = printers[call.target.plural] as Printer<Stored<KubeObject>>
  const include = call.query.get('includeObject') ?? 'Metadata'
  const [only] = objects
  const rows = objects.map((object) => ({
    cells: printer.cells(object),
    object: formatIncludedObject(object, include),
  }))
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: only ? { resourceVersion: only.metadata.resourceVersion } : {},
    columnDefinitions: printer.columns,
    rows,
  }
}

function formatIncludedObject(object: Stored<KubeObject>, include: string): object | null {
  if (include === 'None') return null
  if (include === 'Object') return object
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata }
}
