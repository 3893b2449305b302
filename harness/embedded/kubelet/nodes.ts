/** The logical nodes of the embedded cluster. */
import { availableParallelism, hostname, totalmem } from 'node:os'
import { monotonicUs } from '../../base/clock.ts'
import type { Node } from '../store/objects.ts'
import { nodeAddress } from '../network/pod-network.ts'
import type { Store } from '../store/store.ts'
import { secondsTime } from './wall-clock.ts'

const kubeletVersion = 'v1.34.0'

export interface LocalNode {
  name: string
  /** From 0. */
  index: number
  /** Every logical node is this machine; each has an address of its own to be told apart by. */
  address: string
}

/** Creates the Node objects, Ready from the start. */
export function registerNodes(store: Store, names: string[]): LocalNode[] {
  return names.map((name, index) => {
    const node = { name, index, address: nodeAddress(index) }
    if (!store.get('nodes', name)) store.create('nodes', nodeObject(node))
    return node
  })
}

function nodeObject({ name, address }: LocalNode): Node {
  const capacity = {
    cpu: String(availableParallelism()),
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    pods: '110',
  }
  return {
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': architecture(),
      },
    },
    spec: {},
    status: {
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      capacity,
      allocatable: capacity,
      conditions: [
        condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
        condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
        condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
        condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
      ],
      nodeInfo: nodeInfo(),
    },
  }
}

type NodeStatus = NonNullable<Node['status']>

function condition(
  type: string,
  status: string,
  reason: string,
  message: string,
): NonNullable<NodeStatus['conditions']>[number] {
  const time = secondsTime(monotonicUs())
  return { type, status, reason, message, lastHeartbeatTime: time, lastTransitionTime: time }
}

function nodeInfo(): NonNullable<NodeStatus['nodeInfo']> {
  return {
    architecture: architecture(),
    bootID: '',
    containerRuntimeVersion: 'nodrop://1',
    kernelVersion: '',
    kubeProxyVersion: '',
    kubeletVersion,
    machineID: hostname(),
    operatingSystem: 'linux',
    osImage: 'nodrop embedded cluster',
    systemUUID: '',
  }
}

function architecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch
}
