// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import dev.culvert.controlplane.model.IncrementalModel;
import dev.culvert.controlplane.model.MeshModel;
import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.spiffe.TrustDomain;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a change costs the model, beside the whole model made anew. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MeshChangeBenchmark {
  private static final int PODS_PER_NODE = 20;
  private static final MeshNames NAMES =
      new MeshNames(
          new TrustDomain("cluster.local"),
          "Kubernetes",
          "",
          "cluster.local",
          List.of("culvert-system"));

  @Param({"1000", "10000", "100000"})
  private int pods;

  private SyntheticCluster cluster;
  private List<Resource> everything;
  private IncrementalModel model;
  private int next;

  /** Fills a model. */
  @Setup
  public void fill() {
    cluster = new SyntheticCluster(pods / PODS_PER_NODE, pods);
    everything = cluster.everything();
    model = new IncrementalModel(NAMES);
    model.update(everything, List.of());
  }

  /** A pod becomes ready or unready. */
  @Benchmark
  public MeshModel readiness() {
    next++;
    return model.update(List.of(cluster.pod(next / 2 % pods, next % 2 == 0)), List.of());
  }

  /** A pod gives way to another of its service. */
  @Benchmark
  public MeshModel replacement() {
    SyntheticCluster.Replacement one = cluster.replace(next++ % pods);
    return model.update(List.of(one.next(), one.slice()), List.of(one.old().key()));
  }

  /** The same by making the model of all resources, as it was done before. */
  @Benchmark
  public MeshModel whole() {
    return MeshModel.of(everything, NAMES);
  }
}
