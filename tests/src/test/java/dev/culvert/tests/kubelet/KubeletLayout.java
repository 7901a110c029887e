// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.kubelet;

import java.nio.file.Path;

/** Where a kubelet is in the cgroups of its node, and where it puts containers. */
public enum KubeletLayout {
  /** cgroupDriver: systemd. */
  SYSTEMD {
    @Override
    public Path kubelet() {
      return Path.of("system.slice", "kubelet.service");
    }

    @Override
    public Path container(String uid, String container) {
      return Path.of("kubepods.slice", "kubepods-burstable.slice")
          .resolve("kubepods-burstable-pod%s.slice".formatted(uid.replace('-', '_')))
          .resolve("cri-containerd-%s.scope".formatted(container));
    }
  },
  /** cgroupDriver: cgroupfs. */
  CGROUPFS {
    @Override
    public Path kubelet() {
      return Path.of("system.slice", "kubelet.service");
    }

    @Override
    public Path container(String uid, String container) {
      return Path.of("kubepods", "burstable", "pod" + uid, container);
    }
  },
  /** As in kind's nodes: a root of its own, in which kubelet and pods are neighbours. */
  KIND {
    @Override
    public Path kubelet() {
      return Path.of("kubelet.slice", "kubelet.service");
    }

    @Override
    public Path container(String uid, String container) {
      return Path.of("kubelet.slice", "kubelet-kubepods.slice", "kubelet-kubepods-burstable.slice")
          .resolve("kubelet-kubepods-burstable-pod%s.slice".formatted(uid.replace('-', '_')))
          .resolve("cri-containerd-%s.scope".formatted(container));
    }
  };

  /** Of the kubelet itself, below the node's cgroup. */
  public abstract Path kubelet();

  /** Of a pod's container, below the node's cgroup. */
  public abstract Path container(String uid, String container);
}
