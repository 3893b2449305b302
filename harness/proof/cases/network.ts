/** The answers of a pod's address after the pod's end. */
import { pages } from './case.ts'
import type { Observations, Topic } from './case.ts'
import { isAtLeast } from '../stage/expectation.ts'
import { buildContainer, createPod, deletePod, buildPodSpec, waitForReadyPod } from '../stage/pods.ts'
import type { CaseContext } from '../stage/case-context.ts'
import { followOutput } from '../refusals/container-output.ts'

/** Ends at once on TERM. */
const serverProgram = `import os, signal, socket
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
server = socket.create_server(('', 8080))
print('up', flush=True)
while True: server.accept()[0].close()`

/** Connects repeatedly, and prints each change of the result with its time. */
const clientProgram = `import socket, sys, time
def attempt():
  try: socket.create_connection((sys.argv[1], 8080), 1).close()
  except ConnectionRefusedError: return 'refused'
  except OSError: return 'gone'
  return 'answered'
last = ''
while True:
  began = time.time()
  said = attempt()
  if said != last: print(said, began, flush=True)
  last = said
  time.sleep(0.01)`

async function observeDeadServer(scene: CaseContext): Promise<Observations> {
  await createPod(scene, 'one', buildPodSpec([buildContainer('main', `exec python3 -c "${serverProgram}"`)]))
  await followOutput(scene, 'one', 'main').waitForLine('up')
  const { pod } = await waitForReadyPod(scene, 'one')
  const script = `exec python3 -c "${clientProgram}" ${pod.status?.podIP ?? ''}`
  await createPod(scene, 'client', buildPodSpec([buildContainer('main', script)], { terminationGracePeriodSeconds: 1 }))
  const voice = followOutput(scene, 'client', 'main')
  await voice.readTimeMs('answered')
  await deletePod(scene, 'one')
  const [refused, gone] = [await voice.readTimeMs('refused'), await voice.readTimeMs('gone')]
  return {
    said: voice.lines.map(({ text }) => text.replace(/ .*/, '')),
    refusedForMs: Math.round(gone - refused),
  }
}

export const network: Topic = {
  topic: 'A pod’s network',
  cases: [
    {
      name: 'network-outlives-server',
      claim:
        'The network of a pod is taken away only after its containers have ended: connections are refused meanwhile, and unreachable or unanswered from then on.',
      source: pages.termination,
      observe: observeDeadServer,
      expected: { said: ['answered', 'refused', 'gone'], refusedForMs: isAtLeast(60) },
    },
  ],
}
