// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.status;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.HttpURLConnection;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Writes the status of objects: what is ours in it, once it is another than what is there. It reads
 * what is there, changes ours in it, and patches with the {@code resourceVersion} that was read, so
 * what somebody else wrote meanwhile is never lost: the API server refuses the patch (409), and it
 * is read anew. Not server-side apply: see ADR 18.
 */
public final class StatusWriter {
  /** Tells our writes from others', in {@code metadata.managedFields}. */
  public static final String MANAGER = "culvert-status";

  private static final int ATTEMPTS = 5;
  private static final long FIRST_PAUSE_MILLIS = 20;
  private static final PatchContext PATCH =
      new PatchContext.Builder()
          .withPatchType(PatchType.JSON_MERGE)
          .withFieldManager(MANAGER)
          .build();

  private final KubernetesClient client;
  private final BooleanSupplier leads;
  private final WritePace pace;
  private final InstantSource clock;

  /** What became of it. */
  public enum Outcome {
    /** It said so already. */
    SAME,
    WRITTEN,
    /** Another replica writes. */
    NOT_LEADING,
    /** The object is not there any more, or is another of the same name. */
    GONE,
    /** Others write it all the time; try again later. */
    CONTENDED,
    /** Objects of its kind have no status here: its CRD is too old. */
    UNSUPPORTED
  }

  /**
   * @param leads whether this replica may write now
   */
  public StatusWriter(
      KubernetesClient client, BooleanSupplier leads, WritePace pace, InstantSource clock) {
    this.client = client;
    this.leads = leads;
    this.pace = pace;
    this.clock = clock;
  }

  /**
   * Brings one object's status to what is wanted.
   *
   * @param object as it was last seen; that may be a while ago
   * @throws KubernetesClientException when the API server refuses it, or cannot be reached for long
   */
  public Outcome write(
      ResourceDefinitionContext kind, GenericKubernetesResource object, WantedStatus wanted)
      throws InterruptedException {
    GenericKubernetesResource known = object;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Map<String, Object> edit = edit(known, wanted);
      if (edit.isEmpty()) {
        return Outcome.SAME;
      }
      pace.await();
      if (!leads.getAsBoolean()) {
        return Outcome.NOT_LEADING;
      }
      int code = patch(kind, known.getMetadata(), edit);
      if (code == HttpURLConnection.HTTP_OK) {
        return Outcome.WRITTEN;
      }
      TimeUnit.MILLISECONDS.sleep(FIRST_PAUSE_MILLIS << attempt);
      Optional<GenericKubernetesResource> newest = read(kind, known.getMetadata());
      if (newest.isEmpty()) {
        return Outcome.GONE;
      }
      if (code == HttpURLConnection.HTTP_NOT_FOUND) {
        return Outcome.UNSUPPORTED;
      }
      known = newest.get();
    }
    return Outcome.CONTENDED;
  }

  /** What of the status is to be written; empty when it says so already. */
  public Map<String, Object> edit(GenericKubernetesResource object, WantedStatus wanted) {
    Object status = object.getAdditionalProperties().get("status");
    return wanted.edit(
        status instanceof Map<?, ?> map ? map : Map.of(),
        Optional.ofNullable(object.getMetadata().getGeneration()),
        clock.instant());
  }

  /** Whether it was taken (200), or somebody else wrote meanwhile (409), or it is gone (404). */
  private int patch(
      ResourceDefinitionContext kind, ObjectMeta metadata, Map<String, Object> status) {
    Map<String, Object> precondition = new HashMap<>();
    precondition.put("uid", metadata.getUid());
    precondition.put("resourceVersion", metadata.getResourceVersion());
    Map<String, Object> patch = new LinkedHashMap<>();
    patch.put("metadata", precondition);
    patch.put("status", status);
    try {
      at(kind, metadata).subresource("status").patch(PATCH, Serialization.asJson(patch));
      return HttpURLConnection.HTTP_OK;
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT
          || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return e.getCode();
      }
      throw e;
    }
  }

  /** The object as it is, unless another has its name now. */
  private Optional<GenericKubernetesResource> read(
      ResourceDefinitionContext kind, ObjectMeta metadata) {
    return Optional.ofNullable(at(kind, metadata).get())
        .filter(now -> now.getMetadata().getUid().equals(metadata.getUid()));
  }

  private Resource<GenericKubernetesResource> at(
      ResourceDefinitionContext kind, ObjectMeta metadata) {
    var all = client.genericKubernetesResources(kind);
    return kind.isNamespaceScoped()
        ? all.inNamespace(metadata.getNamespace()).withName(metadata.getName())
        : all.withName(metadata.getName());
  }
}
