// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.directory;

import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.resource.ResourceKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tells what of a folder's resources is other than the last time. */
final class FolderChanges {
  private Map<ResourceKey, Resource> last = Map.of();

  ResourceChanges next(ResourceFiles files) {
    Map<ResourceKey, Resource> now = new LinkedHashMap<>();
    files.resources().forEach(resource -> now.put(resource.key(), resource));
    List<Resource> put = new ArrayList<>();
    now.forEach(
        (key, resource) -> {
          if (!resource.equals(last.get(key))) {
            put.add(resource);
          }
        });
    List<ResourceKey> removed =
        last.keySet().stream().filter(key -> !now.containsKey(key)).toList();
    last = now;
    return new ResourceChanges(put, removed, files.errors(), files.notices());
  }
}
