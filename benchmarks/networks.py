"""Networks that people run on microcontrollers, as twins: layers and shapes of published
descriptions, seeded weights.

Each function builds one network; its docstring names the description.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from networks_of_images import (
    cifar10_cnn,
    efficientnet_lite,
    lenet5,
    mcunet_like,
    mixer,
    mnist_cnn,
    mobilenet_v1,
    mobilenet_v2,
    mobilenet_v3_minimal,
    person_detect,
    resnet_unfolded,
    squeeze_and_excite,
    squeezenet_like,
)
from networks_of_objects import blazeface_like, fomo, image_denoiser, tiny_yolo
from networks_of_signals import (
    dense_autoencoder,
    digits_mlp,
    ecg_1d,
    gru_unrolled,
    har_1d,
    hello_world,
    magic_wand,
)
from networks_of_sound import (
    bc_resnet_like,
    cnn_trad_fpool3,
    ds_cnn,
    low_latency_conv,
    micro_speech,
    mixednet,
    sound_events,
    tc_resnet8,
    tiny_embedding_conv,
    wavenet_like,
)
from networks_that_move import (
    fast_scnn_like,
    image_autoencoder,
    keywords_by_time,
    shufflenet_v2,
    unet_small,
)

from pytest_mlbench.models.model import Model

if TYPE_CHECKING:
    from collections.abc import Callable

NETWORKS: dict[str, Callable[[str], bytes]] = {
    "ds_cnn_m": partial(ds_cnn, channels=172, blocks=4, first=(2, 1)),
    "ds_cnn_l": partial(ds_cnn, channels=276, blocks=5, first=(2, 1)),
    "micro_speech": micro_speech,
    "tiny_embedding_conv": tiny_embedding_conv,
    "low_latency_conv": low_latency_conv,
    "cnn_trad_fpool3": cnn_trad_fpool3,
    "tc_resnet8": partial(tc_resnet8, width=1.0),
    "tc_resnet8_1.5": partial(tc_resnet8, width=1.5),
    "mixednet": mixednet,
    "bc_resnet_like": bc_resnet_like,
    "mobilenet_v1_0.25_128": partial(mobilenet_v1, size=128, channels=3, width=8),
    "mobilenet_v1_0.5_96": partial(mobilenet_v1, size=96, channels=3, width=16),
    "person_detect": person_detect,
    "mobilenet_v2_0.35_96": partial(mobilenet_v2, size=96),
    "fomo": fomo,
    "mobilenet_v3_minimal": mobilenet_v3_minimal,
    "squeeze_and_excite": squeeze_and_excite,
    "efficientnet_lite": efficientnet_lite,
    "mcunet_like": mcunet_like,
    "blazeface_like": blazeface_like,
    "tiny_yolo": tiny_yolo,
    "squeezenet_like": squeezenet_like,
    "lenet5": lenet5,
    "mnist_cnn": mnist_cnn,
    "cifar10_cnn": cifar10_cnn,
    "resnet_unfolded": resnet_unfolded,
    "magic_wand": magic_wand,
    "har_1d": har_1d,
    "ecg_1d": ecg_1d,
    "hello_world": hello_world,
    "digits_mlp": digits_mlp,
    "dense_autoencoder": dense_autoencoder,
    "image_denoiser": image_denoiser,
    "wavenet_like": wavenet_like,
    "gru_unrolled": gru_unrolled,
    "mixer": mixer,
    "sound_events": sound_events,
    "unet_small": unet_small,
    "fast_scnn_like": fast_scnn_like,
    "image_autoencoder": image_autoencoder,
    "shufflenet_v2": shufflenet_v2,
    "keywords_by_time": keywords_by_time,
}

MODELS = [Model(name, build=partial(build, name)) for name, build in NETWORKS.items()]
"""As pytest-mlbench's models: `--mlbench-model NAME`."""
