/** An image for registries. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Makes an image of one layer in skopeo's `dir:` form, in a directory that is not there yet. */
export function oneLayerImage(directory: string): void {
  mkdirSync(directory)
  writeFileSync(join(directory, 'hello'), 'hello\n')
  const script = `
cd "$1" && mkdir root && mv hello root/ && tar -C root -czf layer.tgz hello && rm -r root
layer=$(sha256sum layer.tgz | cut -d' ' -f1); diff=$(gzip -dc layer.tgz | sha256sum | cut -d' ' -f1)
mv layer.tgz "$layer"
printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' "$diff" > config
config=$(sha256sum config | cut -d' ' -f1); mv config "$config"
printf '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":%s,"digest":"sha256:%s"},"layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":%s,"digest":"sha256:%s"}]}' \\
  "$(wc -c < "$config")" "$config" "$(wc -c < "$layer")" "$layer" > manifest.json
printf 'Directory Transport Version: 1.1\\n' > version`
  const { status, stderr } = spawnSync('sh', ['-ec', script, 'sh', directory], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}
