"""Randomly initialised models of several families, small enough for tests."""


def tiny_model(family, tokenizer, **changes):
    """A randomly initialised causal model of two small layers."""
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    size = len(tokenizer)
    common = {"vocab_size": size, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
    llama = {
        "hidden_size": 48, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 3,
        "num_key_value_heads": 1, "head_dim": 16, "tie_word_embeddings": True, "max_position_embeddings": 2048,
    }  # fmt: skip
    own = {
        "llama": llama,
        "qwen2": llama,
        "mistral": llama | {"sliding_window": 4},
        "gpt2": {"n_embd": 48, "n_layer": 2, "n_head": 3, "n_positions": 1024},
        "opt": {
            "hidden_size": 48, "ffn_dim": 96, "num_hidden_layers": 2, "num_attention_heads": 3,
            "word_embed_proj_dim": 48, "max_position_embeddings": 1024, "dropout": 0.0,
        },
    }[family]  # fmt: skip
    torch.manual_seed(0)
    config = CONFIG_MAPPING[family](**common, **(own | changes))
    model = AutoModelForCausalLM.from_config(config)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return model
