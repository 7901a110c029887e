// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.text.Shortened;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warnings where {@code kubectl describe} and {@code kubectl get events} show them
 * (events.k8s.io/v1). One of the same object, reason and text is one event with a count, whichever
 * replica says it. An event is a courtesy: one that cannot be written is told in the log.
 */
public final class Events {
  /** What says it. */
  static final String CONTROLLER = "culvert.dev/controlplane";

  private static final Logger LOG = LoggerFactory.getLogger(Events.class);

  /** Bytes (events.k8s.io/v1). */
  private static final int LONGEST_NOTE = 1024;

  private static final int LONGEST_NAME = 190;
  private static final Pattern NO_LABEL_ENDS = Pattern.compile("[-.]+$");
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final KubernetesClient client;
  private final String replica;
  private final InstantSource clock;

  /**
   * @param replica which one says it
   */
  public Events(KubernetesClient client, String replica, InstantSource clock) {
    this.client = client;
    this.replica = replica.substring(0, Math.min(replica.length(), 128));
    this.clock = clock;
  }

  /** One for each. */
  void ofStatus(SeenObject object, List<Condition> news) {
    ObjectReference regarding =
        new ObjectReferenceBuilder()
            .withApiVersion(object.slim().getApiVersion())
            .withKind(object.kind().name())
            .withNamespace(object.key().namespace())
            .withName(object.key().name())
            .withUid(object.slim().getMetadata().getUid())
            .build();
    news.forEach(one -> warn(regarding, one.reason(), "Report", one.type() + ": " + one.message()));
  }

  /**
   * Warns of something.
   *
   * @param regarding what it is about; something with a namespace
   * @param reason one word for machines
   * @param action what was being done
   */
  public void warn(ObjectReference regarding, String reason, String action, String note) {
    String text = Shortened.toBytes(note, LONGEST_NOTE);
    Event event = event(regarding, reason, action, text);
    try {
      var all = client.events().v1().events().inNamespace(regarding.getNamespace());
      try {
        all.resource(event).create();
      } catch (KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
          throw e;
        }
        all.withName(event.getMetadata().getName()).edit(this::again);
      }
    } catch (KubernetesClientException e) {
      LOG.warn(
          "{} {}/{}: an event could not be written ({}): {}",
          regarding.getKind(),
          regarding.getNamespace(),
          regarding.getName(),
          e.getMessage(),
          text);
    }
  }

  private Event event(ObjectReference regarding, String reason, String action, String note) {
    String mark =
        UUID.nameUUIDFromBytes((regarding.getUid() + reason + note).getBytes(UTF_8))
            .toString()
            .replace("-", "");
    String name =
        NO_LABEL_ENDS
            .matcher(Shortened.toChars(regarding.getName(), LONGEST_NAME))
            .replaceFirst("");
    return new EventBuilder()
        .withNewMetadata()
        .withNamespace(regarding.getNamespace())
        .withName(name + "." + mark)
        .endMetadata()
        .withEventTime(now())
        .withReportingController(CONTROLLER)
        .withReportingInstance(replica)
        .withAction(action)
        .withReason(reason)
        .withRegarding(regarding)
        .withNote(note)
        .withType("Warning")
        .build();
  }

  private Event again(Event known) {
    int count = known.getSeries() == null ? 1 : known.getSeries().getCount();
    return new EventBuilder(known)
        .withNewSeries()
        .withCount(count + 1)
        .withLastObservedTime(now())
        .endSeries()
        .build();
  }

  private MicroTime now() {
    return new MicroTime(MICROS.format(clock.instant()));
  }
}
