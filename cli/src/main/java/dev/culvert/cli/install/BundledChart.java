// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import dev.culvert.cli.answer.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** The chart that this command carries, unpacked for Helm; closing removes it again. */
final class BundledChart implements AutoCloseable {
  private static final String RESOURCE = "chart.zip";
  private static final String BY_HELM = "app.kubernetes.io/managed-by: Helm";

  /** The oldest that the chart is for; what the cluster has is 'culvert check's to say. */
  private static final String KUBERNETES = "1.31.0";

  /** On the objects that this command made. */
  static final String MANAGER = "culvert";

  private final Path folder;

  private BundledChart(Path folder) {
    this.folder = folder;
  }

  static BundledChart unpack() throws IOException {
    BundledChart chart = new BundledChart(Files.createTempDirectory("culvert-chart"));
    try (InputStream resource = BundledChart.class.getResourceAsStream(RESOURCE);
        ZipInputStream zip = new ZipInputStream(resource)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        chart.write(entry, zip);
      }
      return chart;
    } catch (IOException | RuntimeException e) {
      chart.close();
      throw e;
    }
  }

  private void write(ZipEntry entry, InputStream content) throws IOException {
    Path file = folder.resolve(entry.getName()).normalize();
    if (entry.isDirectory() || !file.startsWith(folder)) {
      return;
    }
    Files.createDirectories(file.getParent());
    Files.copy(content, file);
  }

  /**
   * What Helm makes of it.
   *
   * @param own values of this command, over the defaults and under those of the user
   * @throws UsageException with Helm's own words, which name the value that does not fit
   */
  String render(String namespace, Map<String, String> own, ValueOptions values) {
    TemplateCommand command =
        new Helm(folder)
            .template()
            .withName("culvert")
            .withNamespace(namespace)
            .withKubeVersion(KUBERNETES);
    values.files().forEach(file -> command.withValuesFile(file.toAbsolutePath()));
    own.forEach(command::set);
    values.single().forEach(command::set);
    try {
      return command.call().replace(BY_HELM, "app.kubernetes.io/managed-by: " + MANAGER);
    } catch (IllegalStateException e) {
      throw new UsageException("the values do not fit the chart: " + e.getMessage().strip());
    }
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      paths.sorted(Comparator.reverseOrder()).forEach(BundledChart::delete);
    }
  }

  private static void delete(Path path) {
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
