// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.source;

import dev.culvert.policy.text.OneLine;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the pods of one node, and the namespaces, whose labels decide about them; no agent
 * watches the pods of the cluster. While the API server cannot be reached what is known stays, and
 * it is asked again with growing pauses.
 */
public final class ClusterPods implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterPods.class);

  /** What changes within it goes together. */
  private static final Duration DEBOUNCE = Duration.ofMillis(20);

  private final KubernetesClient client;
  private final Consumer<Map<String, String>> listener;
  private final SharedIndexInformer<Pod> pods;
  private final SharedIndexInformer<Namespace> namespaces;
  private final AtomicBoolean due = new AtomicBoolean();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("cluster-pods").factory());
  private volatile String trouble = "";

  private ClusterPods(
      KubernetesClient client, String node, Consumer<Map<String, String>> listener) {
    this.client = client;
    this.listener = listener;
    this.pods = client.pods().inAnyNamespace().withField("spec.nodeName", node).runnableInformer(0);
    this.namespaces = client.namespaces().runnableInformer(0);
  }

  /**
   * Starts, and returns at once: an agent whose API server is away holds to what the kernel has.
   *
   * @param kubeconfig empty for the pod's ServiceAccount, or what KUBECONFIG names outside a pod
   * @param node spec.nodeName of the pods
   * @param listener called on one thread with all documents by name, first when all are known
   * @throws IOException when the kubeconfig cannot be used
   */
  public static ClusterPods start(
      Optional<Path> kubeconfig, String node, Consumer<Map<String, String>> listener)
      throws IOException {
    return start(ApiAccess.open(kubeconfig), node, listener);
  }

  static ClusterPods start(
      KubernetesClient client, String node, Consumer<Map<String, String>> listener) {
    ClusterPods followed = new ClusterPods(client, node, listener);
    followed.follow("pods of " + node, followed.pods);
    followed.follow("namespaces", followed.namespaces);
    return followed;
  }

  private <T extends HasMetadata> void follow(String what, SharedIndexInformer<T> informer) {
    informer.addEventHandler(new Changes<>());
    informer.exceptionHandler((_, error) -> retries(what, error));
    var _ =
        informer
            .start()
            .whenComplete(
                (_, error) -> {
                  if (error == null) {
                    trouble = "";
                    LOG.info("{}: {} known", what, informer.getStore().list().size());
                    changed();
                  }
                });
  }

  private boolean retries(String what, Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String text = root.getMessage() == null ? root.toString() : root.getMessage();
    String now = what + ": " + OneLine.of(text);
    if (!now.equals(trouble)) {
      trouble = now;
      LOG.warn("{}; what is known stays, and it is tried again", now);
    }
    return true;
  }

  /** What goes wrong after that is news again. */
  private void heard() {
    trouble = "";
    changed();
  }

  private void changed() {
    if (due.compareAndSet(false, true)) {
      try {
        var _ = thread.schedule(this::deliver, DEBOUNCE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException closed) {
        LOG.debug("closed meanwhile");
      }
    }
  }

  /** Half of what there is would look as if the rest were gone. */
  private void deliver() {
    due.set(false);
    if (!pods.hasSynced() || !namespaces.hasSynced()) {
      return;
    }
    Map<String, String> documents = new TreeMap<>();
    for (Namespace namespace : namespaces.getStore().list()) {
      documents.put(name("namespaces", namespace), ObjectText.of(namespace));
    }
    for (Pod pod : pods.getStore().list()) {
      documents.put(name("pods", pod), ObjectText.of(pod));
    }
    try {
      listener.accept(documents);
    } catch (RuntimeException e) {
      LOG.error("a change could not be taken in", e);
    }
  }

  private static String name(String kind, HasMetadata object) {
    String namespace = object.getMetadata().getNamespace();
    String prefix = namespace == null ? "" : namespace + "/";
    return kind + "/" + prefix + object.getMetadata().getName();
  }

  /** The listener is not called any more. */
  @Override
  public void close() {
    pods.stop();
    namespaces.stop();
    thread.shutdownNow();
    client.close();
  }

  private final class Changes<T> implements ResourceEventHandler<T> {
    @Override
    public void onAdd(T object) {
      heard();
    }

    @Override
    public void onUpdate(T before, T after) {
      heard();
    }

    @Override
    public void onDelete(T object, boolean unknown) {
      heard();
    }
  }
}
