// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of Kubernetes YAML that the lab's mesh watches. */
public record LabResources(Path folder) {

  /** Puts a file in place in one step, so that nobody reads half of it. */
  public void write(String file, String yaml) throws IOException {
    Path temporary = folder.resolve("." + file + ".new");
    Files.writeString(temporary, yaml);
    Files.move(temporary, folder.resolve(file), ATOMIC_MOVE);
  }

  /** Writes the pod's object to pod-NAME.yaml. */
  public void write(LabPod pod) throws IOException {
    write("pod-" + pod.name() + ".yaml", pod.yaml());
  }

  /** Takes a file away. */
  public void delete(String file) throws IOException {
    Files.deleteIfExists(folder.resolve(file));
  }
}
