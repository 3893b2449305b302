/** Finds a container's image; nothing is pulled. Events and messages are those of the kubelet's image manager. */
import { getErrorMessage } from '../../base/fault.ts'
import { monotonicUs } from '../../base/clock.ts'
import type { Container } from '../store/objects.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { ImageFacts } from '../runtime/runtime.ts'
import type { PodContext } from './pod-context.ts'
import { sleepUntil } from './timing.ts'

/** In the form of the container's waiting state. */
export interface ImageFailure {
  reason: 'ErrImagePull' | 'ErrImageNeverPull' | 'InvalidImageName'
  message: string
}

const firstMs = 10_000
const longestMs = 300_000
/** The kubelet checks the pod again as soon as it has seen its new sandbox. */
const resyncMs = 1000

/** Never rejects. */
export async function ensureImage(
  { name, image = '', imagePullPolicy }: Container,
  pod: PodContext,
): Promise<{ image: ImageFacts } | { failure: ImageFailure }> {
  const recordEvent = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
    pod.record({ type, reason, message, container: name })
  const recordFailure = (reason: ImageFailure['reason'], message: string): { failure: ImageFailure } => {
    recordEvent('Warning', 'Failed', `Error: ${reason}`)
    return { failure: { reason, message } }
  }
  try {
    const facts = await pod.runtime.ensureImage(image)
    recordEvent('Normal', 'Pulled', `Container image "${image}" already present on machine`)
    return { image: facts }
  } catch (error) {
    const message = getErrorMessage(error)
    if (error instanceof RuntimeError && error.reason === 'InvalidImageName') {
      recordEvent('Warning', 'InspectFailed', message)
      return recordFailure(error.reason, message)
    }
    if (imagePullPolicy === 'Never') {
      const text = `Container image "${image}" is not present with pull policy of Never`
      recordEvent('Warning', 'ErrImageNeverPull', text)
      return recordFailure('ErrImageNeverPull', text)
    }
    recordEvent('Normal', 'Pulling', `Pulling image "${image}"`)
    recordEvent('Warning', 'Failed', `Failed to pull image "${image}": ${message}`)
    return recordFailure('ErrImagePull', message)
  }
}

/** Delays between attempts to get an image: 10 s, 20 s, 40 s … at most 300 s. */
export class PullBackOff {
  #delayMs = firstMs / 2

  /** Resolves when it is time to retry. `show` gets the state in between. */
  async wait(
    { name, image }: Container,
    { message, pod, ending }: { message: string; pod: PodContext; ending: AbortSignal },
    show: (waiting: { reason: string; message: string }) => void,
  ): Promise<void> {
    const fromUs = monotonicUs()
    this.#delayMs = Math.min(longestMs, this.#delayMs * 2)
    await sleepUntil(fromUs + resyncMs * 1000, ending)
    if (ending.aborted) return
    const told = `Back-off pulling image "${image}"`
    pod.record({ type: 'Normal', reason: 'BackOff', message: told, container: name })
    pod.record({ type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff', container: name })
    show({ reason: 'ImagePullBackOff', message: `${told}: ErrImagePull: ${message}` })
    await sleepUntil(fromUs + this.#delayMs * 1000, ending)
  }
}
