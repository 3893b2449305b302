/** The logical nodes of the embedded cluster. */
import { readFileSync } from 'node:fs'
import { availableParallelism, hostname, totalmem } from 'node:os'
import { monotonicUs } from '../../base/clock.ts'
import type { Node } from '../store/objects.ts'
import { getNodeAddress } from '../network/pod-network.ts'
import type { Store } from '../store/store.ts'
import { formatSeconds } from './kubernetes-time.ts'

const kubeletVersion = 'v1.34.0'

export interface LocalNode {
  name: string
  /** From 0. */
  index: number
  /** Every logical node is this machine, but each has its own address. */
  address: string
}

/** Creates the Node objects, Ready from the start. */
export function registerNodes(store: Store, names: string[]): LocalNode[] {
  return names.map((name, index) => {
    const node = { name, index, address: getNodeAddress(index) }
    if (!store.get('nodes', name)) store.create('nodes', createNode(node))
    return node
  })
}

function createNode({ name, address }: LocalNode): Node {
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
        'kubernetes.io/arch': readArchitecture(),
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
        createNodeCondition(
          'MemoryPressure',
          'False',
          'KubeletHasSufficientMemory',
          'kubelet has sufficient memory available',
        ),
        createNodeCondition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
        createNodeCondition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
        createNodeCondition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
      ],
      nodeInfo: readNodeInfo(),
    },
  }
}

type NodeStatus = NonNullable<Node['status']>

function createNodeCondition(
  type: string,
  status: string,
  reason: string,
  message: string,
): NonNullable<NodeStatus['conditions']>[number] {
  const time = formatSeconds(monotonicUs())
  return { type, status, reason, message, lastHeartbeatTime: time, lastTransitionTime: time }
}

function readNodeInfo(): NonNullable<NodeStatus['nodeInfo']> {
  return {
    architecture: readArchitecture(),
    bootID: readBootId(),
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

/** Nodes with the same boot id share one wall clock. */
function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}

function readArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch
}
