// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.OwnerReference;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.wire.workload.WorkloadType;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a pod is one of, for telemetry: told from the names that Kubernetes' controllers give. */
record WorkloadOwner(WorkloadType type, String name) {
  private static final String NAME_LABEL = "service.istio.io/workload-name";

  /** The CronJob controller appends the minute, in UTC since the epoch. */
  private static final Pattern CRON_JOB = Pattern.compile("(.+)-\\d{8,11}");

  static WorkloadOwner of(PodResource pod) {
    ObjectMeta metadata = pod.metadata();
    WorkloadOwner found =
        controller(pod)
            .flatMap(owner -> of(owner, metadata))
            .orElse(new WorkloadOwner(WorkloadType.POD, metadata.name()));
    return metadata
        .label(NAME_LABEL)
        .map(name -> new WorkloadOwner(found.type(), name))
        .orElse(found);
  }

  private static Optional<OwnerReference> controller(PodResource pod) {
    return pod.owners().stream().filter(OwnerReference::controller).findFirst();
  }

  private static Optional<WorkloadOwner> of(OwnerReference owner, ObjectMeta pod) {
    return switch (owner.kind()) {
      case "ReplicaSet" -> deployment(owner, pod);
      case "Deployment" -> Optional.of(new WorkloadOwner(WorkloadType.DEPLOYMENT, owner.name()));
      case "Job" -> Optional.of(job(owner));
      default -> Optional.empty();
    };
  }

  private static Optional<WorkloadOwner> deployment(OwnerReference replicaSet, ObjectMeta pod) {
    return pod.label("pod-template-hash")
        .map(hash -> "-" + hash)
        .filter(replicaSet.name()::endsWith)
        .map(end -> replicaSet.name().substring(0, replicaSet.name().length() - end.length()))
        .map(name -> new WorkloadOwner(WorkloadType.DEPLOYMENT, name));
  }

  private static WorkloadOwner job(OwnerReference job) {
    Matcher cron = CRON_JOB.matcher(job.name());
    return cron.matches()
        ? new WorkloadOwner(WorkloadType.CRONJOB, cron.group(1))
        : new WorkloadOwner(WorkloadType.JOB, job.name());
  }
}
