import { expect, test } from 'vitest'
import { rewriteImages } from './sample-images.ts'

const pod = {
  spec: {
    initContainers: [{ name: 'i', image: 'nodrop/app:dev', imagePullPolicy: 'IfNotPresent' }],
    containers: [{ name: 'a', image: 'nodrop/nginx:dev' }, { name: 'b', image: 'debian:12' }, { name: 'c' }],
  },
}

test('images: those of the sample come from the registry, and no others', () => {
  expect(rewriteImages(pod, 'registry.example/team')).toEqual({
    spec: {
      initContainers: [{ name: 'i', image: 'registry.example/team/nodrop/app:dev', imagePullPolicy: 'IfNotPresent' }],
      containers: [
        { name: 'a', image: 'registry.example/team/nodrop/nginx:dev' },
        { name: 'b', image: 'debian:12' },
        { name: 'c' },
      ],
    },
  })
})

test('images: without a registry the nodes must have them', () => {
  expect(rewriteImages([pod], undefined)).toEqual([
    {
      spec: {
        initContainers: [{ name: 'i', image: 'nodrop/app:dev', imagePullPolicy: 'Never' }],
        containers: [
          { name: 'a', image: 'nodrop/nginx:dev', imagePullPolicy: 'Never' },
          { name: 'b', image: 'debian:12' },
          { name: 'c' },
        ],
      },
    },
  ])
})
