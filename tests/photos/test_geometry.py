import numpy as np
import pytest

from fer_core.photos.geometry import cut, view_around, view_of_whole

PHOTO = np.random.default_rng(0).integers(0, 256, (60, 100, 3), np.uint8)


def test_the_whole_at_its_own_size_is_the_photo():
    assert np.array_equal(cut(PHOTO, view_of_whole(PHOTO.shape[1::-1], 100)), PHOTO)


@pytest.mark.parametrize(("roll", "turns"), [(90, 1), (180, 2), (-90, 3)])
def test_quarter_turns_are_exact(roll, turns):
    view = view_of_whole(PHOTO.shape[1::-1], 100, roll)
    assert np.array_equal(cut(PHOTO, view), np.rot90(PHOTO, turns))
    assert view.roll == pytest.approx(roll)


def test_points_come_back_to_the_photo():
    view = view_around((40, 30), 2.0, 0, 20, 10)
    assert view.scale == pytest.approx(2.0)
    assert view.to_photo(np.array([[10, 5], [0, 0], [20, 10]])) == pytest.approx(
        np.array([[40, 30], [35, 27.5], [45, 32.5]])
    )


@pytest.mark.parametrize("roll", [0, 17, 90, -140])
@pytest.mark.parametrize("scale", [0.1, 0.4, 1.0, 3.0])
def test_a_point_is_seen_where_the_view_says(roll, scale):
    photo = np.zeros((300, 300, 3), np.uint8)
    photo[100:120, 180:200] = 255
    view = view_of_whole(photo.shape[1::-1], round(300 * scale), roll)
    ys, xs = np.nonzero(cut(photo, view)[..., 0] > 100)
    seen = np.array([xs.mean() + 0.5, ys.mean() + 0.5])
    assert view.to_photo(seen) == pytest.approx(np.array([190, 110]), abs=1.0 / scale)


def test_shrinking_averages():
    board = (np.indices((512, 512)).sum(axis=0) % 2 * 255).astype(np.uint8)
    small = cut(np.repeat(board[..., None], 3, axis=2), view_around((256, 256), 0.15, 30, 48, 48))
    assert small.std() < 4


def test_outside_the_photo_its_border_is_repeated():
    photo = np.full((20, 20, 3), 50, np.uint8)
    photo[:, :5] = 200
    view = cut(photo, view_around((0, 10), 1.0, 0, 20, 20))
    assert (view[:, :15] == 200).all()
    assert (view[:, 15:] == 50).all()
