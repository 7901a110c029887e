// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import dev.culvert.policy.wire.discovery.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ResourceSetTest {
  @Test
  void successorsAreWhatTheyWouldBeWhenMadeAnew() {
    Random random = new Random(7);
    Map<String, Resource> plain = new TreeMap<>();
    ResourceSet set = ResourceSet.EMPTY;
    for (int step = 0; step < 2_000; step++) {
      List<Resource> put = new ArrayList<>();
      List<String> removed = new ArrayList<>();
      for (int i = 0; i < random.nextInt(6); i++) {
        if (random.nextBoolean()) {
          put.add(resource("r" + random.nextInt(300), random.nextInt(3)));
        } else {
          removed.add("r" + random.nextInt(300));
        }
      }
      removed.forEach(plain::remove);
      put.forEach(one -> plain.put(one.getName(), one));
      set = set.with(put, removed);
      ResourceSet anew = ResourceSet.of(plain.values());
      assertThat(set).as("step %d", step).isEqualTo(anew);
      assertThat(set.size()).isEqualTo(plain.size());
      assertThat(set.byName()).isEqualTo(plain);
      for (int alias = 0; alias < 3; alias++) {
        assertThat(set.name("alias-" + alias)).isEqualTo(anew.name("alias-" + alias));
      }
    }
  }

  @Test
  void changesOfLastGenerationsAreKnownAndOlderOnesAreFound() {
    ResourceSet first = ResourceSet.of(List.of(resource("a", 0), resource("b", 0)));
    ResourceSet second = first.with(List.of(resource("c", 0)), List.of("a"));
    assertThat(second.since(first)).containsExactlyInAnyOrder("a", "c");
    assertThat(second.since(second)).isEmpty();
    assertThat(first.since(second)).containsExactlyInAnyOrder("a", "c");
    ResourceSet last = second;
    for (int i = 0; i < 200; i++) {
      last = last.with(List.of(resource("d", i)), List.of());
    }
    assertThat(last.since(first)).containsExactlyInAnyOrder("a", "c", "d");
  }

  @Test
  void branchesFromOneSetAreToldApart() {
    ResourceSet root = ResourceSet.of(List.of(resource("a", 0)));
    ResourceSet left = root.with(List.of(resource("b", 0)), List.of());
    ResourceSet right = root.with(List.of(resource("c", 0)), List.of());
    assertThat(right.since(left)).isEqualTo(Set.of("b", "c"));
  }

  @Test
  void nothingChangedIsTheSameSet() {
    ResourceSet set = ResourceSet.of(List.of(resource("a", 0)));
    assertThat(set.with(List.of(resource("a", 0)), List.of("b"))).isSameAs(set);
  }

  @Test
  void aliasPassesFromOneToAnotherAndBack() {
    Resource one = ResourceSet.resource("type", "1", List.of("x"), StringValue.of("1"));
    Resource two = ResourceSet.resource("type", "2", List.of("x"), StringValue.of("2"));
    ResourceSet both = ResourceSet.of(List.of(one, two));
    assertThat(both.name("x")).isEqualTo(Optional.of("2"));
    assertThat(both.with(List.of(), List.of("2")).name("x")).isEqualTo(Optional.of("1"));
    assertThat(both.with(List.of(), List.of("1", "2")).name("x")).isEmpty();
  }

  private static Resource resource(String name, int content) {
    String alias = "alias-" + Math.floorMod(name.hashCode() + content, 3);
    StringValue value = StringValue.of(name + content);
    return ResourceSet.resource("type", name, List.of(alias), value);
  }
}
