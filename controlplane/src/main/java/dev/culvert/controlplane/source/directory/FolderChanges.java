// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.directory;

import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.resource.ResourceKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Tells what of a folder's resources is other than the last time. */
final class FolderChanges {
  private Map<ResourceKey, Resource> last = Map.of();

  private Map<ResourceKey, String> texts = Map.of();

  ResourceChanges next(ResourceFiles files) {
    Map<ResourceKey, Resource> now = new LinkedHashMap<>();
    files.resources().forEach(resource -> now.put(resource.key(), resource));
    Map<ResourceKey, String> written = new HashMap<>();
    files.written().forEach(one -> written.put(one.resource().key(), one.text()));
    List<Resource> put = new ArrayList<>();
    Map<ResourceKey, String> told = new HashMap<>();
    now.forEach(
        (key, resource) -> {
          String text = written.get(key);
          if (!resource.equals(last.get(key)) || !Objects.equals(text, texts.get(key))) {
            put.add(resource);
            if (text != null) {
              told.put(key, text);
            }
          }
        });
    List<ResourceKey> removed =
        last.keySet().stream().filter(key -> !now.containsKey(key)).toList();
    last = now;
    texts = written;
    return new ResourceChanges(put, told, removed, files.errors(), files.notices());
  }
}
