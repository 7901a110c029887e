// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.kept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class KeptTest {
  private record Word(String about, int of) implements Piece<Object> {
    @Override
    public Object make(List<String> problems) {
      problems.add("made of " + of);
      return new Object();
    }
  }

  private record Other(String about, int of) implements Piece<String> {
    @Override
    public String make(List<String> problems) {
      return "other " + of;
    }
  }

  private record Failing(String about) implements Piece<String> {
    @Override
    public String make(List<String> problems) {
      throw new IllegalStateException("cannot be made");
    }
  }

  private final Kept kept = new Kept();
  private final List<String> problems = new ArrayList<>();

  private Object of(int of) {
    return kept.of(new Word("a", of), problems);
  }

  private Object next(int of) {
    kept.begin();
    Object made = of(of);
    kept.end();
    return made;
  }

  @Test
  void equalPieceComesToTheSameObjectAndSaysTheSameAgain() {
    Object first = next(1);
    assertThat(next(1)).isSameAs(first);
    assertThat(problems).containsExactly("made of 1", "made of 1");
  }

  @Test
  void anotherPieceOfTheSameThingTakesItsPlace() {
    Object first = next(1);
    Object second = next(2);
    assertThat(second).isNotSameAs(first);
    assertThat(next(1)).isNotSameAs(first);
  }

  @Test
  void whatOneConfigurationDoesNotNeedIsForgotten() {
    Object first = next(1);
    kept.begin();
    kept.end();
    assertThat(next(1)).isNotSameAs(first);
  }

  @Test
  void whatIsAskedForBetweenConfigurationsIsKept() {
    Object first = of(1);
    assertThat(next(1)).isSameAs(first);
  }

  @Test
  void piecesOfTwoTypesAreTwoThings() {
    Object first = of(1);
    assertThat(kept.of(new Other("a", 1), problems)).isEqualTo("other 1");
    assertThat(of(1)).isSameAs(first);
  }

  @Test
  void configurationThatBreaksOffLosesNothing() {
    Object first = next(1);
    kept.begin();
    assertThatThrownBy(() -> kept.of(new Failing("b"), problems))
        .isInstanceOf(IllegalStateException.class);
    assertThat(next(1)).isSameAs(first);
  }
}
