// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import dev.culvert.cli.answer.Causes;
import dev.culvert.cli.answer.UsageException;
import dev.culvert.controlplane.source.kubernetes.ApiAccess;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Utils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Option;

/** Which cluster is meant, as kubectl finds it. */
public final class ClusterOptions {
  /** Somebody waits: within a second, instead of twenty, a server that is gone is known to be. */
  private static final int RETRIES = 3;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "The cluster's kubeconfig. Default: what KUBECONFIG names, else ~/.kube/config")
  private Path kubeconfig;

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "A context of it. Default: its current one")
  private String context;

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      defaultValue = "culvert-system",
      description = "Where Culvert is. Default: culvert-system")
  private String namespace;

  /** Where Culvert is in the cluster. */
  public String namespace() {
    return namespace;
  }

  /**
   * Whether there is one to talk to.
   *
   * @throws UsageException when KUBECONFIG names files of which none is there: who set it means a
   *     cluster, and is not to be told of something else
   */
  public boolean isGiven() {
    boolean given = !files().isEmpty();
    String named = Utils.getSystemPropertyOrEnvVar(Config.KUBERNETES_KUBECONFIG_FILE, "");
    if (!given && !named.isEmpty()) {
      throw new UsageException(
          "KUBECONFIG names %s, where no file is; correct it, or unset it".formatted(named));
    }
    return given;
  }

  private List<Path> files() {
    return kubeconfig != null
        ? List.of(kubeconfig)
        : Config.getKubeconfigFilenames().stream()
            .map(Path::of)
            .filter(Files::isRegularFile)
            .toList();
  }

  /**
   * A client; nothing is sent yet.
   *
   * @throws UsageException when there is no kubeconfig, or it has no such context
   */
  public KubernetesClient connect() {
    if (!isGiven()) {
      throw new UsageException(
          "there is no kubeconfig; name one with --kubeconfig or in KUBECONFIG");
    }
    files().forEach(ClusterOptions::parse);
    if (context != null && !contexts().contains(context)) {
      throw new UsageException(
          "the kubeconfig has no context %s; it has %s".formatted(context, contexts()));
    }
    Config config = kubeconfig == null ? Config.autoConfigure(context) : read(kubeconfig);
    config.setRequestRetryBackoffLimit(RETRIES);
    return ApiAccess.open(config);
  }

  /**
   * The same, of a server that answers.
   *
   * @throws UsageException as {@link #connect}
   * @throws IOException with where it should be and what is wrong, when it does not
   */
  public KubernetesClient connectAndAsk() throws IOException {
    KubernetesClient client = connect();
    try {
      var _ = client.getKubernetesVersion();
      return client;
    } catch (KubernetesClientException e) {
      client.close();
      throw new IOException(client.getMasterUrl().toString(), e);
    }
  }

  private Set<String> contexts() {
    Set<String> names = new TreeSet<>();
    for (Path file : files()) {
      parse(file).getContexts().forEach(each -> names.add(each.getName()));
    }
    return names;
  }

  private static io.fabric8.kubernetes.api.model.Config parse(Path file) {
    try {
      return new KubernetesSerialization()
          .unmarshal(Files.readString(file), io.fabric8.kubernetes.api.model.Config.class);
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e); // the library lets those of its parser through
    }
  }

  private Config read(Path file) {
    try {
      return Config.fromKubeconfig(context, file.toFile());
    } catch (KubernetesClientException | IllegalArgumentException e) {
      throw unreadable(file, e);
    }
  }

  private static UsageException unreadable(Path file, Exception e) {
    return new UsageException(
        "%s: is no kubeconfig that can be read: %s"
            .formatted(file, Causes.of(e).replaceAll("\\s+", " ").strip()));
  }
}
