// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset.image;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Puts what {@code daemonset/image/build} staged into an image, without a container engine. Its
 * layers go from what changes least to what changes most; everything has the same time, so that the
 * same files give the same bytes.
 */
public final class BuildImage {
  private static final String LICENCES = "Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)";

  private final Path staged;
  private final Optional<Path> archives;

  private BuildImage(Path staged, Optional<Path> archives) {
    this.staged = staged;
    this.archives = archives;
  }

  /**
   * Writes the image.
   *
   * @param arguments the staged folder, the folder of the daemons' archives or {@code none}, the
   *     image's name with its tag, the file to write
   */
  public static void main(String... arguments) throws Exception {
    Optional<Path> archives =
        Optional.of(arguments[1]).filter(folder -> !folder.equals("none")).map(Path::of);
    BuildImage image = new BuildImage(Path.of(arguments[0]), archives);
    image.write(arguments[2], Path.of(arguments[3]));
  }

  private void write(String name, Path file) throws Exception {
    Path cache = Files.createTempDirectory("culvert-image");
    try {
      var _ =
          layers()
              .containerize(
                  Containerizer.to(TarImage.at(file).named(name))
                      .setOfflineMode(true)
                      .setBaseImageLayersCache(cache)
                      .setApplicationLayersCache(cache)
                      .setToolName("culvert"));
    } finally {
      StagedLayer.delete(cache);
    }
  }

  private JibContainerBuilder layers() throws Exception {
    JibContainerBuilder image =
        Jib.fromScratch()
            .setFormat(ImageFormat.OCI)
            .setCreationTime(Instant.EPOCH)
            .setPlatforms(Set.of(new Platform("amd64", "linux")))
            .setEntrypoint("/usr/bin/culvert")
            .setUser("65532:65532")
            .setLabels(
                Map.of(
                    "org.opencontainers.image.title",
                    "culvert",
                    "org.opencontainers.image.licenses",
                    LICENCES))
            .addFileEntriesLayer(StagedLayer.of("base", staged.resolve("base"), "/"))
            .addFileEntriesLayer(StagedLayer.of("java", staged.resolve("java"), "/opt/java"))
            .addFileEntriesLayer(
                StagedLayer.of("libraries", staged.resolve("libraries"), "/opt/culvert/lib"))
            .addFileEntriesLayer(
                StagedLayer.of("culvert", staged.resolve("culvert"), "/opt/culvert"));
    if (archives.isPresent()) {
      image.addFileEntriesLayer(StagedLayer.of("archives", archives.get(), "/opt/culvert"));
    }
    return image;
  }
}
