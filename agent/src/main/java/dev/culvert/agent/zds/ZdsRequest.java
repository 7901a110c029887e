// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.zds;

import dev.culvert.linux.Fd;
import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.policy.wire.zds.AddWorkload;
import dev.culvert.policy.wire.zds.DelWorkload;
import dev.culvert.policy.wire.zds.KeepWorkload;
import dev.culvert.policy.wire.zds.WorkloadInfo;
import dev.culvert.policy.wire.zds.WorkloadRequest;

/** One message to ztunnel, which it acknowledges before the next is sent. */
sealed interface ZdsRequest {
  WorkloadRequest message();

  /** What goes along in SCM_RIGHTS: exactly one descriptor with an Add, none otherwise. */
  default Fd[] descriptors() {
    return new Fd[0];
  }

  record Add(AnnouncedPod pod, NetworkNamespace netns) implements ZdsRequest {
    @Override
    public WorkloadRequest message() {
      WorkloadInfo info =
          WorkloadInfo.newBuilder()
              .setName(pod.name())
              .setNamespace(pod.namespace())
              .setServiceAccount(pod.serviceAccount())
              .build();
      AddWorkload add = AddWorkload.newBuilder().setUid(pod.uid()).setWorkloadInfo(info).build();
      return WorkloadRequest.newBuilder().setAdd(add).build();
    }

    @Override
    public Fd[] descriptors() {
      return new Fd[] {netns.fd()};
    }

    @Override
    public String toString() {
      return "Add " + pod.namespace() + "/" + pod.name();
    }
  }

  record Keep(AnnouncedPod pod) implements ZdsRequest {
    @Override
    public WorkloadRequest message() {
      KeepWorkload keep = KeepWorkload.newBuilder().setUid(pod.uid()).build();
      return WorkloadRequest.newBuilder().setKeep(keep).build();
    }

    @Override
    public String toString() {
      return "Keep " + pod.namespace() + "/" + pod.name();
    }
  }

  record Del(String uid) implements ZdsRequest {
    @Override
    public WorkloadRequest message() {
      DelWorkload del = DelWorkload.newBuilder().setUid(uid).build();
      return WorkloadRequest.newBuilder().setDel(del).build();
    }

    @Override
    public String toString() {
      return "Del " + uid;
    }
  }

  record SnapshotSent() implements ZdsRequest {
    @Override
    public WorkloadRequest message() {
      return WorkloadRequest.newBuilder()
          .setSnapshotSent(dev.culvert.policy.wire.zds.SnapshotSent.getDefaultInstance())
          .build();
    }
  }
}
