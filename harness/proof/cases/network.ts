/** What a pod's address answers after the pod's end. */
import { pages } from './case.ts'
import type { Observations, Topic } from './case.ts'
import { atLeast } from '../stage/expectation.ts'
import { container, createPod, deletePod, podSpec, ready } from '../stage/pods.ts'
import type { Scene } from '../stage/case-context.ts'
import { listen } from '../refusals/container-output.ts'

/** Ends at once when it gets TERM. */
const server = `import os, signal, socket
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
server = socket.create_server(('', 8080))
print('up', flush=True)
while True: server.accept()[0].close()`

/** Connects again and again, and says how that went, and when it began, each time that it goes otherwise than before. */
const client = `import socket, sys, time
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

async function goneServer(scene: Scene): Promise<Observations> {
  await createPod(scene, 'one', podSpec([container('main', `exec python3 -c "${server}"`)]))
  await listen(scene, 'one', 'main').heard('up')
  const { pod } = await ready(scene, 'one')
  const script = `exec python3 -c "${client}" ${pod.status?.podIP ?? ''}`
  await createPod(scene, 'client', podSpec([container('main', script)], { terminationGracePeriodSeconds: 1 }))
  const voice = listen(scene, 'client', 'main')
  await voice.told('answered')
  await deletePod(scene, 'one')
  const [refused, gone] = [await voice.told('refused'), await voice.told('gone')]
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
      observe: goneServer,
      expected: { said: ['answered', 'refused', 'gone'], refusedForMs: atLeast(60) },
    },
  ],
}
